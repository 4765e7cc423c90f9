import { join } from 'node:path';
import { messageOf } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { replaceFile } from '../platform/atomic-file.js';
import { nodeFileSystem } from '../platform/file-system.js';

/** The name of the file, beside the slots of its stream. */
export const learntFileName = 'learnt.json';

/** A header row and its like: far more than a decoder learns. */
const mostBytes = 64 * 1024;

/**
 * Keeps what a decoder learnt from a stream, such as the order in a header row, which a board prints once, when it
 * boots: a daemon that starts later would not know it. One JSON value, replaced whole.
 */
export class LearntFile {
  readonly #directory: string;
  readonly #log: Log;
  #saving: Promise<void> = Promise.resolve();

  /** @param directory that of the stream's slots; made when something is kept */
  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** The value that was kept; undefined where there is none, or none that can be read. Does not throw. */
  async load(): Promise<unknown> {
    const path = join(this.#directory, learntFileName);
    try {
      const bytes = await nodeFileSystem.read(path);
      if (bytes === null || bytes.length > mostBytes) {
        return undefined;
      }
      return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    } catch (error) {
      this.#log.warn(
        { path, error: messageOf(error) },
        'what was learnt from the stream cannot be read: its header row must come again',
      );
      return undefined;
    }
  }

  /** Keeps a value in the place of the one before, after those that are being written. Does not throw. */
  save(learnt: object): void {
    this.#saving = this.#saving.then(() => this.#write(learnt));
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#saving;
  }

  async #write(learnt: object): Promise<void> {
    const path = join(this.#directory, learntFileName);
    try {
      await nodeFileSystem.makeDirectory(this.#directory);
      await replaceFile(path, Buffer.from(`${JSON.stringify(learnt)}\n`));
    } catch (error) {
      this.#log.error(
        { path, error: messageOf(error) },
        'what was learnt from the stream cannot be kept: after a restart its header row must come again',
      );
    }
  }
}
