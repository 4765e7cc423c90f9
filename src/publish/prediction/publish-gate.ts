import { LstmdError } from '../../base/errors.js';
import type { Head, Measure } from './heads/head.js';

/** The options that choose which predictions of a stream are published. */
export interface PublishGateOptions {
  /** The first and every n-th after it. */
  readonly every: number;
  /** At most so many a second. */
  readonly maxHz?: number | undefined;
  /** Those that differ from the one published last. */
  readonly onChange?: OnChange | undefined;
}

export interface OnChange {
  /** A number counts as changed beyond this. */
  readonly band: number;
  /** Publish after so long at the latest, changed or not. */
  readonly maxSeconds: number;
}

/** Decides which predictions are published: of every n-th, those that come late enough and have changed. */
export class PublishGate {
  readonly #every: number;
  readonly #periodMs: number;
  readonly #onChange: OnChange | undefined;
  readonly #measures: readonly Measure[];
  /** The numbers that were published last. */
  readonly #last: Float64Array;
  #count = 0;
  /** From when on the next may be published, by `maxHz`. */
  #dueMs = -Infinity;
  #publishedMs = -Infinity;
  #wasWarm: boolean | undefined;

  /** @throws LstmdError `config.invalid` for `onChange` where the model has no number that it can be judged by */
  constructor({ every, maxHz, onChange }: PublishGateOptions, heads: readonly Head[]) {
    this.#every = every;
    this.#periodMs = maxHz === undefined ? 0 : 1000 / maxHz;
    this.#onChange = onChange;
    this.#measures = onChange === undefined ? [] : heads.flatMap(changingMeasures);
    this.#last = new Float64Array(this.#measures.length);
    if (onChange !== undefined && this.#measures.length === 0) {
      throw new LstmdError(
        'config.invalid',
        'the model publishes no probability, value or score that could be compared',
        { at: ['publish', 'onChange'] },
      );
    }
  }

  /** How many of the next predictions are not published, whatever they are; 0 or more. */
  get closedFor(): number {
    const past = this.#count % this.#every;
    return past === 0 ? 0 : this.#every - past;
  }

  /** Takes so many predictions of those that are not published; at most `closedFor`. */
  passBy(predictions: number): void {
    this.#count += predictions;
  }

  /**
   * Returns whether the prediction of the row that the heads took last is published.
   *
   * @param timeMs when its sample was acquired
   * @param isNoted whether it has to tell of a gap, which counts as a change
   */
  isOpen(timeMs: number, warm: boolean, isNoted: boolean): boolean {
    const isCounted = this.#count % this.#every === 0;
    this.#count += 1;
    if (!isCounted || !this.#isDue(timeMs) || !this.#hasChanged(timeMs, warm, isNoted)) {
      return false;
    }
    if (this.#periodMs > 0) {
      // On a grid, so that samples that come a little early or late do not lower the rate.
      const isOnGrid = Math.abs(timeMs - this.#dueMs) < this.#periodMs;
      this.#dueMs = (isOnGrid ? this.#dueMs : timeMs) + this.#periodMs;
    }
    for (let i = 0; i < this.#measures.length; i += 1) {
      this.#last[i] = this.#measures[i]?.() ?? 0;
    }
    this.#publishedMs = timeMs;
    this.#wasWarm = warm;
    return true;
  }

  #isDue(timeMs: number): boolean {
    // A clock that was set back would keep it closed for as long.
    return timeMs >= this.#dueMs || timeMs < this.#dueMs - 2 * this.#periodMs;
  }

  #hasChanged(timeMs: number, warm: boolean, isNoted: boolean): boolean {
    if (this.#onChange === undefined) {
      return true;
    }
    const { band, maxSeconds } = this.#onChange;
    if (isNoted || warm !== this.#wasWarm) {
      return true;
    }
    if (Math.abs(timeMs - this.#publishedMs) >= 1000 * maxSeconds) {
      return true;
    }
    for (let i = 0; i < this.#measures.length; i += 1) {
      const value = this.#measures[i]?.() ?? 0;
      if (Math.abs(value - (this.#last[i] ?? 0)) > band) {
        return true;
      }
    }
    return false;
  }
}

/** The numbers by which a change is judged. */
function changingMeasures(head: Head): Measure[] {
  return head.published.flatMap(({ what, name }) => {
    const measure =
      what === 'probability'
        ? head.measure({ label: name })
        : what === 'value'
          ? head.measure({ value: name })
          : what === 'score'
            ? head.measure({})
            : undefined;
    return measure === undefined ? [] : [measure];
  });
}
