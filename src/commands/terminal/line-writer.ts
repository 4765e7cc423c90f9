import { once } from 'node:events';

const flushChars = 32 * 1024;

/**
 * Has lines written to stdout. Those that were written before a fault come out too, and before it is said.
 *
 * @param write its fault is passed on
 */
export async function printLines(write: (writer: LineWriter) => Promise<void>): Promise<void> {
  const writer = new LineWriter(process.stdout);
  try {
    await write(writer);
  } catch (fault) {
    // Whatever is the matter with stdout, this fault came first.
    await writer.flush().catch(() => undefined);
    throw fault;
  }
  await writer.flush();
}

/**
 * Writes lines to a stream: in large pieces while they come fast, at once while they come slowly. It
 * waits for a reader that does not keep up.
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
