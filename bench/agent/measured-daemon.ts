import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile } from '#src/base/package-root.js';

/** A daemon that is measured, with a folder of its own: both go at the end of this process at the latest. */
export class MeasuredDaemon {
  readonly process: ChildProcess;
  readonly #folder: string;

  /**
   * Starts `lstmd run` as it is shipped.
   *
   * @param folder has its configuration, and is removed with all that is in it
   * @param before the command that starts it, such as `taskset -c 0`
   */
  constructor(config: object, folder: string, before: readonly string[] = []) {
    const file = join(folder, 'lstmd.json');
    writeFileSync(file, JSON.stringify(config));
    const run = [process.execPath, packageFile('bundle/cli.cjs'), 'run', '-c', file];
    const [program = '', ...args] = [...before, ...run];
    this.process = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#folder = folder;
    process.once('exit', this.#kill);
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Ends it, if it has not ended by itself. */
  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    const ended = once(this.process, 'exit');
    if (this.process.kill()) {
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  readonly #kill = (): void => {
    this.process.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  };
}
