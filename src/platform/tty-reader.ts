import { closeSync } from 'node:fs';
import type { ConnectOpts, SocketConstructorOpts } from 'node:net';
import { ReadStream } from 'node:tty';

/** The most that the kernel's line discipline gives in one read. */
export const readBytes = 4096;

/**
 * Reads a tty that is open and configured, on the event loop: all that has arrived comes in one
 * `read` and one callback, in a buffer that is used again. The poller of serialport costs twice
 * as much and can miss a hang-up for good.
 *
 * libuv opens the tty again by its path and reads from that descriptor; both are closed here.
 */
export class TtyReader {
  readonly #stream: ReadStream;
  readonly #closed: Promise<void>;

  /**
   * @param fd belongs to the reader from now on, which closes it also when this throws
   * @param onBytes called with a view of the one buffer and the time of the read, by `performance.now()`
   * @throws Error when the descriptor is no tty, or one that has hung up
   */
  constructor(fd: number, onBytes: (chunk: Uint8Array, arrivalMs: number) => void) {
    const buffer = new Uint8Array(readBytes);
    let chunk = buffer;
    const callback = (count: number): boolean => {
      // Lines are often as long as the one before, and a view costs more than to look.
      if (chunk.length !== count) {
        chunk = buffer.subarray(0, count);
      }
      onBytes(chunk, performance.now());
      return true;
    };
    // Every socket takes `onread`; the types declare it only for those that connect.
    const options: SocketConstructorOpts & ConnectOpts = { onread: { buffer, callback } };
    try {
      this.#stream = new ReadStream(fd, options);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    // Where libuv could not open the path again, it reads the descriptor that it was given, and
    // closes it at the end.
    if (handleFd(this.#stream) !== fd) {
      closeSync(fd);
    }
    this.#closed = new Promise((resolve) => {
      this.#stream.once('close', () => resolve());
    });
    this.#stream.once('end', () => this.#stream.destroy());
    // An error such as EIO means that the far end is gone; `close` follows it.
    this.#stream.once('error', () => undefined);
    this.#stream.resume();
  }

  /** Resolves when the far end hung up or `close` was called, and every descriptor is closed. */
  get closed(): Promise<void> {
    return this.#closed;
  }

  /** Reads no further until `resume`. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Stops reading; resolves when every descriptor is closed. */
  close(): Promise<void> {
    this.#stream.destroy();
    return this.#closed;
  }
}

/** The descriptor that libuv reads; Node gives no public way to ask. */
function handleFd(stream: ReadStream): unknown {
  const handle: unknown = Reflect.get(stream, '_handle');
  return typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
}
