import { constants, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import type { FarEnd } from '../reconnecting/far-end.js';
import { socketFarEnd } from '../reconnecting/socket-far-end.js';

/** Returns whether a path is a named pipe; false also for what is not there. */
export async function isFifo(path: string): Promise<boolean> {
  return stat(path).then(
    (about) => about.isFIFO(),
    () => false,
  );
}

/**
 * Opens a named pipe for reading. It is open also while nobody writes to it; when the last writer leaves it is gone, so
 * that the beginning of a row from one writer never meets the end of another's.
 *
 * @throws Error in the words of the system
 */
export function openFifo(path: string): FarEnd {
  // Without a writer this returns at once, and the socket waits for one.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return socketFarEnd((onread) => {
    // Every socket takes `onread`; the types declare it only for those that connect.
    const options: SocketConstructorOpts & ConnectOpts = {
      fd,
      readable: true,
      writable: false,
      onread,
    };
    return new Socket(options);
  });
}
