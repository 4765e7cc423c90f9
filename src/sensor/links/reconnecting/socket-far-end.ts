import type { ConnectOpts, Socket } from 'node:net';
import type { FarEnd } from './far-end.js';

/** The most that is taken from the system in one read. */
const readBytes = 65_536;

/** The other side of a socket or a pipe waits where nobody reads. */
const socketPauseMs = 1000;

/** The option by which a socket reads into one buffer that is used again. */
export type OnRead = NonNullable<ConnectOpts['onread']>;

/** A far end behind a socket. */
export interface SocketFarEnd extends FarEnd {
  readonly socket: Socket;
}

/**
 * Reads a socket as all links are read: all that has arrived in one call, in a buffer that is used again.
 *
 * @param make makes the socket with this option; it may still be connecting
 */
export function socketFarEnd(make: (onread: OnRead) => Socket): SocketFarEnd {
  let take: ((chunk: Uint8Array, arrivalMs: number) => void) | undefined;
  const socket = make({
    buffer: new Uint8Array(readBytes),
    callback: (count, buffer) => {
      take?.(buffer.subarray(0, count), performance.now());
      return true;
    },
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  // An error means that the far end is gone; `close` follows it.
  socket.on('error', () => undefined);
  socket.once('end', () => socket.destroy());
  return {
    socket,
    hungUp: () => socket.destroyed,
    read(onBytes) {
      take = onBytes;
      socket.resume();
      return closed;
    },
    write(bytes) {
      if (socket.writable) {
        socket.write(Buffer.from(bytes));
      }
    },
    pauseMs: socketPauseMs,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      socket.destroy();
      return closed;
    },
  };
}
