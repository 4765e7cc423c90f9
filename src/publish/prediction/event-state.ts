import type { WatchedRule } from './event-rules.js';

export type OnOff = 'on' | 'off';

/** The state of an event rule: on or off, with hysteresis and a least duration. */
export class EventState {
  readonly watched: WatchedRule;
  /** Undefined before the first warm output. */
  #state: OnOff | undefined;
  /** When the output began to ask for the other state, epoch milliseconds; undefined while it does not. */
  #sinceMs: number | undefined;

  constructor(watched: WatchedRule) {
    this.watched = watched;
  }

  /** Undefined before the first warm output. */
  get state(): OnOff | undefined {
    return this.#state;
  }

  /**
   * Looks at a number.
   *
   * @param timeMs when its sample was acquired, epoch milliseconds
   * @returns the state where it changed; undefined where it did not
   */
  judge(value: number, timeMs: number): OnOff | undefined {
    const wanted = this.#wanted(value);
    if (wanted === this.#state) {
      this.#sinceMs = undefined;
      return undefined;
    }
    const { minMs = 0 } = this.watched.rule;
    // The first warm output tells the state, for a subscriber may remember another one from before a restart;
    // what has to hold for a while has not held yet.
    const isFirst = this.#state === undefined;
    if (isFirst && wanted === 'on' && minMs > 0) {
      this.#sinceMs = timeMs;
      this.#state = 'off';
      return 'off';
    }
    // A clock that was set back tells of no duration.
    if (this.#sinceMs === undefined || timeMs < this.#sinceMs) {
      this.#sinceMs = timeMs;
    }
    if (!isFirst && timeMs - this.#sinceMs < minMs) {
      return undefined;
    }
    this.#sinceMs = undefined;
    this.#state = wanted;
    return wanted;
  }

  /** Nobody saw what was here: what has to hold for a while begins anew. */
  interrupt(): void {
    this.#sinceMs = undefined;
  }

  #wanted(value: number): OnOff {
    const { rule, direction } = this.watched;
    const sign = direction === 'above' ? 1 : -1;
    if (sign * value >= sign * rule.on) {
      return 'on';
    }
    return sign * value <= sign * rule.off ? 'off' : (this.#state ?? 'off');
  }
}
