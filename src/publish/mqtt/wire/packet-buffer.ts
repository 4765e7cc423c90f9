import type { Duplex } from 'node:stream';
import { afterReads } from '../../../base/read-turn.js';

const usualBytes = 32_768;

/**
 * Hands packets to the connection. Those of one turn of the event loop go in one write when it is over, and those of ttys that
 * were read together at the end of that: many sensors that send at once make one write, of up to 128 ttys. After a turn of
 * one packet the next one goes at once, where no answer is waited for: a lone sensor's waits for nothing.
 */
export class PacketBuffer {
  readonly #connection: Duplex;
  #bytes = Buffer.allocUnsafeSlow(usualBytes);
  /** All bytes before it were handed on. */
  #begin = 0;
  #end = 0;
  /** Packets of this turn of the loop. */
  #packets = 0;
  /** The last turn that had packets had one. */
  #isLone = true;
  readonly #endTurn = (): void => {
    this.#isLone = this.#packets === 1;
    this.#packets = 0;
    this.flush();
  };

  constructor(connection: Duplex) {
    this.#connection = connection;
  }

  /** The buffer in which `reserve` made room last. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /**
   * Makes room for a packet.
   *
   * @param size bytes of the packet; all of them must be written before `send`, and before the next packet
   * @returns where in `bytes` it begins
   */
  reserve(size: number): number {
    if (this.#end + size > this.#bytes.length) {
      this.flush();
      if (this.#end + size > this.#bytes.length) {
        // The connection has not taken all of the old one yet.
        this.#bytes = Buffer.allocUnsafeSlow(Math.max(usualBytes, size));
        this.#begin = 0;
        this.#end = 0;
      }
    }
    const position = this.#end;
    this.#end += size;
    return position;
  }

  /**
   * Sends the packet that was written last.
   *
   * @param isAnswered whether the broker has answered all that was sent before; at QoS 0 there are no answers
   */
  send(isAnswered: boolean): void {
    this.#packets += 1;
    if (this.#packets === 1) {
      if (isAnswered && this.#isLone) {
        this.flush();
      }
      // After all that is ready to be read.
      afterReads(this.#endTurn);
    }
  }

  /** Hands on what was collected so far. */
  flush(): void {
    if (this.#end > this.#begin && this.#connection.writable) {
      this.#connection.write(this.#bytes.subarray(this.#begin, this.#end));
    }
    this.#begin = this.#end;
    if (this.#connection.writableLength === 0) {
      this.#begin = 0;
      this.#end = 0;
    }
  }
}
