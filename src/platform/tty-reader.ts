import { closeSync } from 'node:fs';
import type { ConnectOpts, SocketConstructorOpts } from 'node:net';
import { ReadStream } from 'node:tty';

/** What the kernel's line discipline hands out in one read at most. */
const readBytes = 4096;

/**
 * Reads a tty that is open and configured, on the event loop: one `read` and
 * one callback for what has arrived, into one buffer. serialport's own poller
 * costs twice that and can miss a hang-up for good.
 *
 * libuv opens the tty again by its path and reads that; this closes both.
 */
export class TtyReader {
  readonly #stream: ReadStream;
  readonly #closed: Promise<void>;

  /**
   * @param fd taken over, and closed also when this throws
   * @param onBytes called with a view of the one buffer and the time of the read, by `performance.now()`
   * @throws Error when the descriptor is no tty, or one that has hung up
   */
  constructor(fd: number, onBytes: (chunk: Uint8Array, arrivalMs: number) => void) {
    const callback = (count: number, buffer: Uint8Array): boolean => {
      onBytes(buffer.subarray(0, count), performance.now());
      return true;
    };
    // Of all sockets; the types know it only of those that connect.
    const options: SocketConstructorOpts & ConnectOpts = {
      onread: { buffer: new Uint8Array(readBytes), callback },
    };
    try {
      this.#stream = new ReadStream(fd, options);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    // Where libuv could not open the path again it reads, and will close, what it was given.
    if (handleFd(this.#stream) !== fd) {
      closeSync(fd);
    }
    this.#closed = new Promise((resolve) => {
      this.#stream.once('close', () => resolve());
    });
    this.#stream.once('end', () => this.#stream.destroy());
    // EIO and the like: the far end is gone, and `close` follows.
    this.#stream.once('error', () => undefined);
    this.#stream.resume();
  }

  /** Resolves when the far end is gone or this was closed, and every descriptor is closed. */
  get closed(): Promise<void> {
    return this.#closed;
  }

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
