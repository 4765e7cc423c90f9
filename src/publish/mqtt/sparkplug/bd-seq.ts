import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../../base/errors.js';
import type { Log } from '../../../base/log.js';
import { RepeatedLine } from '../../../base/repeated-line.js';

const fileName = 'sparkplug-bdseq';
/** The number is one byte. */
const numbers = 256;

/**
 * The number of each connection, by which a host tells the death of this one from that of the one before. It begins at 0, is
 * one more at each CONNECT, and goes on after a restart: its file has it before it is used, so that a kill does not repeat it.
 */
export class BdSeq {
  readonly #directory: string | undefined;
  readonly #lines: RepeatedLine;
  /** The number of this connection; undefined until it is known. */
  #current: number | undefined;

  /** @param directory the device's directory on flash, which need not be there; undefined where nothing is kept */
  constructor(directory: string | undefined, log: Log) {
    this.#directory = directory;
    this.#lines = new RepeatedLine((fields, message) => log.warn(fields, message));
  }

  /** The number of this connection. */
  get current(): number {
    return this.#current ?? 0;
  }

  /** Goes on to the number of the connection that is made now. Does not throw. */
  advance(): number {
    const last = this.#current ?? this.#kept();
    this.#current = last === undefined ? 0 : (last + 1) % numbers;
    this.#keep(this.#current);
    return this.#current;
  }

  /** Says in the log what was only counted so far. */
  flush(): void {
    this.#lines.flush();
  }

  /** The number that was used last; undefined where there is none, or the file is damaged. */
  #kept(): number | undefined {
    if (this.#directory === undefined) {
      return undefined;
    }
    try {
      const text = readFileSync(join(this.#directory, fileName), 'latin1');
      const number = /^\d{1,3}\n$/.test(text) ? Number(text) : numbers;
      return number < numbers ? number : undefined;
    } catch {
      return undefined;
    }
  }

  /** Written at once and not in the background: a kill after the CONNECT must find it there. */
  #keep(number: number): void {
    if (this.#directory === undefined) {
      return;
    }
    const path = join(this.#directory, fileName);
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, `${number}\n`, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch (error) {
      this.#lines.say(
        { path, reason: messageOf(error) },
        'bdSeq cannot be kept on flash: it begins anew after a restart',
      );
    }
  }
}
