import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A log, and a stage that reads the lines, gets one only now and then. */
const logMs = 2000;

/**
 * Tells on stderr how many files of a build by CMake are compiled, of how many, and for how many seconds: from 0 on, as soon as CMake
 * has listed them.
 */
export class BuildProgress {
  #title;
  #directory;
  #startMs = Date.now();
  #files = 0;
  #isTerminal = process.stderr.isTTY === true;
  #lastMs = 0;

  /** @param directory of the build, in which CMake lists what it compiles */
  constructor(title, directory) {
    this.#title = title;
    this.#directory = directory;
    this.#tell();
  }

  /** @param text a piece of the build's output */
  read(text) {
    const files = text.match(/Building CXX object/g)?.length ?? 0;
    this.#files += files;
    if (files > 0 || text.includes('Build files have been written')) {
      this.#tell();
    }
  }

  end() {
    if (this.#isTerminal) {
      process.stderr.write('\r\x1b[K');
    }
  }

  #tell() {
    const total = this.#total();
    const now = Date.now();
    if (total === null || (!this.#isTerminal && now - this.#lastMs < logMs)) {
      return;
    }
    this.#lastMs = now;
    const seconds = Math.round((now - this.#startMs) / 1000);
    const line = `lstmd: ${this.#title}: ${this.#files} of ${total} files, ${seconds} s`;
    process.stderr.write(this.#isTerminal ? `\r\x1b[K${line}` : `${line}\n`);
  }

  /** Number of files that CMake has listed, of which an earlier build may have compiled some; null before. */
  #total() {
    const commands = join(this.#directory, 'compile_commands.json');
    return existsSync(commands) ? JSON.parse(readFileSync(commands, 'utf8')).length : null;
  }
}
