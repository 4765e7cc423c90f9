import type { Duplex } from 'node:stream';

const usualBytes = 32_768;

/** Collects the packets of one turn of the event loop, and hands them to the connection in one write. */
export class PacketBuffer {
  readonly #connection: Duplex;
  #bytes = Buffer.allocUnsafeSlow(usualBytes);
  /** All bytes before it were handed on. */
  #begin = 0;
  #end = 0;
  #isDue = false;
  readonly #flushDue = (): void => this.flush();

  constructor(connection: Duplex) {
    this.#connection = connection;
  }

  /** The buffer in which `reserve` made room last. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /**
   * Makes room for a packet, which goes out when this turn of the loop is over.
   *
   * @param size bytes of the packet; all of them must be written before the turn is over
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
    if (!this.#isDue) {
      this.#isDue = true;
      // After all that is ready to be read: many sensors that send at once make one write.
      setImmediate(this.#flushDue);
    }
    return position;
  }

  /** Hands on what was collected so far. */
  flush(): void {
    this.#isDue = false;
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
