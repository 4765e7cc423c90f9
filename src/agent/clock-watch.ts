import { clockStep } from '../base/clock-step.js';
import type { Log } from '../base/log.js';
import { repeat } from '../base/repeat.js';
import { RepeatedLine } from '../base/repeated-line.js';
import type { MachineClock } from '../platform/machine-clock.js';

/** Holds what is known of the machine's wall clock, for the health of the device. */
export interface ClockHealth {
  /** True when there is a reason to believe it; see `MachineClock.isRight`. */
  readonly confirmed: boolean;
  /** How often it was set since the start. */
  readonly steps: number;
  /** How far it was set the last time, milliseconds; null where it never was. */
  readonly stepMs: number | null;
  /** When that was noticed, epoch milliseconds by the clock as it was then; null where it never was. */
  readonly steppedAt: number | null;
}

/** How late a step is noticed at most. */
const lookEveryMs = 1000;
/** A clock may be set a few times while the machine finds its time; two programs that both set it do so for ever. */
const linesAMinute = 6;

/** Watches the wall clock: whether it is set, and whether it becomes known to be right. */
export class ClockWatch {
  readonly #clock: MachineClock;
  readonly #changed: () => void;
  readonly #log: Log;
  readonly #steppedLine: RepeatedLine;
  #offsetMs = 0;
  #isRight = false;
  #steps = 0;
  #stepMs: number | null = null;
  #steppedAt: number | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed called after the clock was set, and once it is known to be right */
  constructor(clock: MachineClock, changed: () => void, log: Log) {
    this.#clock = clock;
    this.#changed = changed;
    this.#log = log;
    this.#steppedLine = new RepeatedLine(
      (fields, message) => log.warn(fields, message),
      linesAMinute,
    );
  }

  /** Begins to watch: what the clock shows now is where it begins. */
  start(): void {
    this.#offsetMs = this.#clock.epochMs() - this.#clock.bootMs();
    this.#isRight = this.#clock.isRight();
    this.#timer = repeat(lookEveryMs, 'the look at the clock', this.#log, () => this.look());
    this.#timer.unref();
  }

  /** Ends the watch, and says what was only counted so far. */
  stop(): void {
    clearInterval(this.#timer);
    this.#steppedLine.flush();
  }

  /** Looks at the clock once. */
  look(): void {
    const clock = this.#clock;
    const offsetMs = clock.epochMs() - clock.bootMs();
    const stepMs = clockStep(this.#offsetMs, offsetMs);
    const isRight = clock.isRight();
    if (stepMs !== 0) {
      this.#steps += 1;
      this.#stepMs = Math.round(stepMs);
      this.#steppedAt = Math.round(clock.epochMs());
      this.#steppedLine.say(
        { stepMs: this.#stepMs },
        `the clock was set by ${Math.round(stepMs / 1000)} s: waiting records are corrected, and ages are looked at again`,
      );
    }
    const isChanged = stepMs !== 0 || isRight !== this.#isRight;
    this.#offsetMs = offsetMs;
    this.#isRight = isRight;
    if (isChanged) {
      this.#changed();
    }
  }

  get health(): ClockHealth {
    return {
      confirmed: this.#isRight,
      steps: this.#steps,
      stepMs: this.#stepMs,
      steppedAt: this.#steppedAt,
    };
  }
}
