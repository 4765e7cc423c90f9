import type { DriftFigures } from './watched-number.js';

/** The bounds beyond which a number is too far from the reference. */
export interface DriftLimits {
  readonly stabilityIndex: number;
  readonly outOfRange: number;
  /** So many windows one after the other must be beyond a limit before it counts. */
  readonly windows: number;
}

/** A drift that began or ended with a window. */
export interface DriftChange {
  readonly state: 'on' | 'off';
  /** The number that drifts most, by its index or its share. */
  readonly worst: DriftFigures;
}

/** Judges windows one after the other: a drift is on once it has lasted, and off with the first window without it. */
export class DriftVerdict {
  readonly #limits: DriftLimits;
  #beyond = 0;
  #isOn = false;

  constructor(limits: DriftLimits) {
    this.#limits = limits;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Windows beyond a limit, one after the other, up to now. */
  get windowsBeyond(): number {
    return this.#beyond;
  }

  /** Takes the figures of a window; returns what changed with it. */
  window(figures: readonly DriftFigures[]): DriftChange | undefined {
    const worst = figures.reduce<DriftFigures | undefined>(
      (far, each) => (far === undefined || this.#excess(each) > this.#excess(far) ? each : far),
      undefined,
    );
    if (worst === undefined) {
      return undefined;
    }
    this.#beyond = this.#excess(worst) > 1 ? this.#beyond + 1 : 0;
    const isOn = this.#beyond >= this.#limits.windows;
    if (isOn === this.#isOn) {
      return undefined;
    }
    this.#isOn = isOn;
    return { state: isOn ? 'on' : 'off', worst };
  }

  /** Returns how far a number is from its limits: above 1 beyond one of them. */
  #excess({ stabilityIndex, outOfRange }: DriftFigures): number {
    return Math.max(
      (stabilityIndex ?? 0) / this.#limits.stabilityIndex,
      (outOfRange ?? 0) / this.#limits.outOfRange,
    );
  }
}
