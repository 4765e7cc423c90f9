import { stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { errorCode, LstmdError, messageOf } from '../base/errors.js';
import { nodeFileSystem } from './file-system.js';

/**
 * Keeps two processes from writing one state directory.
 *
 * The lock is an abstract Unix socket named after the directory's device and
 * inode: taking it is one atomic call, the kernel lets go of it when the process
 * ends however it ends, nothing goes to flash, and no pid can be mistaken for
 * another's. (A pid file has to be judged stale after each power cut, and Node has
 * no flock.) Its reach is a network namespace: containers that share a directory
 * but not their network do not see each other.
 */
export class DirectoryLock {
  #server: Server | undefined;

  /**
   * Takes the lock; the directory is made where it is absent.
   *
   * @throws LstmdError `state.locked` naming the process that holds it;
   *   `state.unreadable` where there is no directory and none can be made
   */
  async acquire(directory: string): Promise<void> {
    const name = await socketName(directory);
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(`${process.pid}\n`);
    });
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(name, resolve);
      });
    } catch (cause) {
      if (errorCode(cause) !== 'EADDRINUSE') {
        throw cause;
      }
      throw new LstmdError(
        'state.locked',
        `the state directory ${directory} is in use by process ${await holderOf(name)}: stop it, or give this one another stateDirectory`,
        { cause },
      );
    }
    server.unref();
    this.#server = server;
  }

  /** Lets go; may be called more than once. */
  async release(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) {
      await new Promise((resolve) => server.close(resolve));
    }
  }
}

async function socketName(directory: string): Promise<string> {
  try {
    await nodeFileSystem.makeDirectory(directory);
    const { dev, ino } = await stat(directory, { bigint: true });
    return `\0lstmd-state-${dev}-${ino}`;
  } catch (cause) {
    throw new LstmdError(
      'state.unreadable',
      `no state directory ${directory}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

function holderOf(name: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(name);
    socket.setTimeout(1000, () => socket.destroy());
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(/^\d+/.exec(answer)?.[0] ?? '(unknown)'));
  });
}
