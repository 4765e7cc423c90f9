import { Duplex } from 'node:stream';
import type { PacketBuffer } from './packet-buffer.js';

/**
 * The part of a connection that is left to the client library: it reads what `push` gives it, and what it writes goes out
 * behind the packets that were collected before.
 */
export class ClientStream extends Duplex {
  readonly #connection: Duplex;
  readonly #packets: PacketBuffer;

  constructor(connection: Duplex, packets: PacketBuffer) {
    super();
    this.#connection = connection;
    this.#packets = packets;
    connection.once('close', () => this.destroy());
  }

  override _read(): void {
    // What comes is pushed as it comes: all that a broker may send is short.
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#packets.flush();
    this.#connection.write(chunk, done);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#packets.flush();
    this.#connection.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.destroy();
    done(error);
  }
}
