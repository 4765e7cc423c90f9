import { RateMeter } from './time/rate-meter.js';

/** Measures the rate of the rows, and tells once when it is not the configured one, for which the model was trained. */
export class RateWatch {
  readonly #meter: RateMeter;
  readonly #rateHz: number;
  readonly #say: (fields: object, message: string) => void;
  #isTold = false;

  constructor(periodMs: number, say: (fields: object, message: string) => void) {
    this.#meter = new RateMeter(1000 / periodMs);
    this.#rateHz = Math.round(100_000 / periodMs) / 100;
    this.#say = say;
  }

  /** Rows a second in the last window, lost ones included; null while that is not known. */
  get measuredHz(): number | null {
    const { measuredHz } = this.#meter;
    return measuredHz === undefined ? null : Math.round(100 * measuredHz) / 100;
  }

  /** Forgets what was measured: the link was opened anew. */
  reset(): void {
    this.#meter.reset();
  }

  /** Counts the rows of a read, of which there is at least one. */
  add(rows: number, arrivalMs: number): void {
    if (!this.#meter.add(rows, arrivalMs)) {
      return;
    }
    const { verdict } = this.#meter;
    if (verdict === 'asConfigured') {
      this.#isTold = false;
    } else if (verdict === 'other' && !this.#isTold) {
      this.#isTold = true;
      const { measuredHz } = this;
      this.#say(
        { rateHz: this.#rateHz, measuredHz },
        `the sensor sends ${measuredHz} rows a second, but sensor.rateHz is ${this.#rateHz}: set the sensor to the rate ` +
          'of the recordings that the model was trained on, and sensor.rateHz to that too',
      );
    }
  }
}
