import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { messageOf } from '../../base/errors.js';
import type { Log } from '../../base/log.js';
import { repeat } from '../../base/repeat.js';
import type { Metrics } from './metrics.js';

/** Others read it: node_exporter runs as a user of its own. */
const mode = 0o644;

/**
 * Writes the metrics to a file for the textfile collector of node_exporter, which reads whole files alone. At the end
 * the file is removed: numbers of a daemon that has stopped would pass for those of one that runs.
 */
export class Textfile {
  readonly #path: string;
  readonly #seconds: number;
  readonly #metrics: Metrics;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string, seconds: number, metrics: Metrics, log: Log) {
    this.#path = path;
    this.#seconds = seconds;
    this.#metrics = metrics;
    this.#log = log;
  }

  /** Writes it now and at its interval. What goes wrong is logged and tried again. */
  start(): void {
    const write = async (): Promise<void> => {
      this.#writing = this.#write();
      await this.#writing;
    };
    this.#timer = repeat(1000 * this.#seconds, 'writing the metrics', this.#log, write);
    write().catch((error: unknown) =>
      this.#log.error(
        { path: this.#path, reason: messageOf(error) },
        'the metrics cannot be written: trying again at each interval',
      ),
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing.catch(() => undefined);
    await rm(this.#path, { force: true }).catch(() => undefined);
  }

  async #write(): Promise<void> {
    // It is renamed into place, but not synced: after a power cut nobody wants the old numbers.
    const unfinished = `${this.#path}.new`;
    await writeFile(unfinished, await this.#metrics.text());
    // The umask of a service may keep others out.
    await chmod(unfinished, mode);
    await rename(unfinished, this.#path);
  }
}
