import { once } from 'node:events';

const flushChars = 32 * 1024;

/**
 * Lines to stdout in large writes while the input is fast, and at once when it is slow; waits for
 * the reader when it does not keep up.
 */
export class LineWriter {
  #text = '';
  #scheduled = false;

  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  async write(line: string): Promise<void> {
    this.#text += `${line}\n`;
    if (this.#text.length >= flushChars) {
      await this.flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#writeOut();
      });
    }
  }

  async flush(): Promise<void> {
    if (!this.#writeOut()) {
      await once(this.#out, 'drain');
    }
  }

  #writeOut(): boolean {
    const text = this.#text;
    this.#text = '';
    return text === '' || this.#out.write(text);
  }
}
