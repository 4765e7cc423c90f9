import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { needsProgram } from './requirement.js';

/** `skip` option of a test that receives datagrams: Node itself cannot. */
export function needsNotifySocket(): string | false {
  return needsProgram('socat', 'socat');
}

/** The socket on which systemd hears of a service. */
export class NotifySocket {
  readonly path: string;
  #text = '';
  #heard: () => void = () => {};

  private constructor(path: string) {
    this.path = path;
  }

  /** @param folder where the socket is made */
  static async listen(t: TestContext, folder: string): Promise<NotifySocket> {
    const socket = new NotifySocket(join(folder, 'notify'));
    const watcher = watch(folder);
    const receiver = spawn('socat', ['-u', `UNIX-RECV:${socket.path}`, 'STDOUT'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => receiver.kill());
    receiver.stdout.on('data', (chunk: Buffer) => {
      socket.#text += chunk.toString();
      socket.#heard();
    });
    while (!existsSync(socket.path)) {
      await once(watcher, 'change');
    }
    watcher.close();
    return socket;
  }

  /** Signs of life so far. */
  get feeds(): number {
    return this.#text.split('WATCHDOG=1').length - 1;
  }

  async untilFed(times: number): Promise<void> {
    const due = this.feeds + times;
    while (this.feeds < due) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}
