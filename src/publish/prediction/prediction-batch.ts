import { integerText } from '../../base/integer-text.js';

export interface PredictionBatchOptions {
  /** Number of this process' life. */
  readonly boot: number;
  /** Predictions in one payload. */
  readonly size: number;
  /** A payload goes after so long at the latest, milliseconds. */
  readonly maxMs: number;
  /** Takes each payload. */
  readonly emit: (payload: string) => void;
}

/**
 * Collects predictions to one payload: `{"ts":...,"boot":4,"seq":123,"predictions":[{"ts":...},...]}`. Its own `ts`, `boot`
 * and `seq` are those of the first; each prediction in it is as it would be by itself.
 */
export class PredictionBatch {
  readonly #options: PredictionBatchOptions;
  #text = '';
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PredictionBatchOptions) {
    this.#options = options;
  }

  /** @param payload of the prediction of the sample of that time and number */
  add(timeMs: number, seq: number, payload: string): void {
    const { boot, size, maxMs } = this.#options;
    this.#text +=
      this.#count === 0
        ? `{"ts":${integerText(Math.round(timeMs))},"boot":${boot},"seq":${integerText(seq)},"predictions":[${payload}`
        : `,${payload}`;
    this.#count += 1;
    if (this.#count >= size) {
      this.flush();
    } else {
      this.#timer ??= setTimeout(() => this.flush(), maxMs).unref();
    }
  }

  /** Gives what was collected so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#count > 0) {
      const payload = `${this.#text}]}`;
      this.#text = '';
      this.#count = 0;
      this.#options.emit(payload);
    }
  }
}
