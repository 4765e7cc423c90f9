import { printableText } from '../../base/printable-text.js';

/** A stream that shows text: stderr. */
export interface TextOutput {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): boolean;
}

/** Quick work shows no bar. */
const firstShownMs = 1000;
const everyMs = 200;
/** Into a file or a pipe goes a line now and then, since nothing overwrites it. */
const lineEveryMs = 10_000;
const width = 30;

/** Shows on stderr how far work has come, where it takes more than a second. */
export class ProgressBar {
  readonly #startMs: number;
  readonly #what: string;
  readonly #out: TextOutput;
  readonly #nowMs: () => number;
  #nextMs: number;
  #isShown = false;

  /**
   * @param what the work does, such as `evaluating`
   * @param nowMs a clock that never jumps
   */
  constructor(
    what: string,
    out: TextOutput = process.stderr,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
    this.#what = what;
    this.#out = out;
    this.#nextMs = this.#startMs + (out.isTTY ? firstShownMs : lineEveryMs);
  }

  /**
   * Shows the progress, where it is time to.
   *
   * @param done share of the work, 0 to 1
   * @param where what is being worked on
   */
  update(done: number, where: string): void {
    const nowMs = this.#nowMs();
    if (nowMs < this.#nextMs) {
      return;
    }
    const share = Math.min(1, Math.max(0, done));
    const place = printableText(where);
    const percent = `${Math.floor(100 * share)} %`;
    if (!this.#out.isTTY) {
      this.#nextMs = nowMs + lineEveryMs;
      this.#out.write(`lstmd: ${this.#what}: ${percent}, ${place}\n`);
      return;
    }
    this.#nextMs = nowMs + everyMs;
    const full = Math.round(width * share);
    const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
    const elapsedMs = nowMs - this.#startMs;
    const left = share > 0.01 ? `, ${Math.ceil((elapsedMs * (1 / share - 1)) / 1000)} s left` : '';
    const line = `${this.#what} ${bar} ${percent}${left}  ${place}`;
    const columns = this.#out.columns > 0 ? this.#out.columns : 80;
    this.#out.write(`\r\x1b[K${line.slice(0, columns - 1)}`);
    this.#isShown = true;
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#isShown) {
      this.#out.write('\r\x1b[K');
    }
  }
}
