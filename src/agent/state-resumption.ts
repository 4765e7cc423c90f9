import type { Log } from '../base/log.js';
import type { MachineClock } from '../platform/machine-clock.js';
import type { LoadResult } from '../state/load-result.js';
import type { StateStore } from '../state/state-store.js';
import type { StreamConfig } from './config-schema.js';
import { ResumedState } from './resumed-state.js';

export interface StateResumptionOptions {
  readonly store: StateStore;
  /** The `state` part of the stream's configuration. */
  readonly config: StreamConfig['state'];
  readonly clock: MachineClock;
  readonly log: Log;
}

/** Decides whether a stream goes on from its saved state, and says so; and again when more is known of its age. */
export class StateResumption {
  readonly #options: StateResumptionOptions;
  #loaded: LoadResult = { reason: 'fresh', saved: null, learnt: null };
  /** Holds what was resumed, as long as its age may prove to be another. */
  #resumed: ResumedState | undefined;

  constructor(options: StateResumptionOptions) {
    this.#options = options;
  }

  /** Returns what became of the saved state, with its age as far as it is known by now. */
  get loaded(): LoadResult {
    return this.#loaded;
  }

  /** Loads the state from flash. Does not throw. */
  async load(): Promise<LoadResult> {
    const { log, clock } = this.#options;
    const loaded = await this.#trusted();
    this.#loaded = loaded;
    if (loaded.saved === null) {
      const fields = { reason: loaded.reason };
      if (loaded.reason === 'fresh') {
        log.info(fields, 'no saved state: starting afresh');
      } else {
        log.warn(fields, `the saved state is not resumed (${loaded.reason}): starting afresh`);
      }
      return loaded;
    }
    const { sampleCount: samples } = loaded.saved;
    this.#resumed = new ResumedState(loaded.saved, loaded.ageMs, clock);
    const ageSeconds = loaded.ageMs === null ? null : Math.round(loaded.ageMs / 1000);
    const ago = ageSeconds === null ? 'nobody knows how long ago' : `${ageSeconds} s ago`;
    log.info({ samples, ageSeconds }, `resumed after sample ${samples}, saved ${ago}`);
    return loaded;
  }

  /**
   * The first sample ends the gap behind the state.
   *
   * @returns as `ResumedState.endGap` does
   */
  endGap(firstSampleMs: number): number | null | undefined {
    return this.#resumed?.endGap(firstSampleMs);
  }

  /**
   * Looks again at the age, after the machine's clock was set or became known to be right.
   *
   * @returns the age in milliseconds where another came out, and whether it is too high; else undefined
   */
  lookAgain(): { readonly ageMs: number; readonly isTooOld: boolean } | undefined {
    const resumed = this.#resumed;
    if (resumed === undefined || this.#loaded.saved === null || !resumed.lookAgain()) {
      return undefined;
    }
    const { ageMs } = resumed;
    if (ageMs === null) {
      return undefined;
    }
    const { config, log } = this.#options;
    const { maxAgeSeconds } = config;
    const ageSeconds = Math.round(ageMs / 1000);
    const isTooOld = ageMs > 1000 * maxAgeSeconds;
    if (isTooOld) {
      this.#loaded = { reason: 'tooOld', saved: null, learnt: this.#loaded.learnt };
      log.warn(
        { ageSeconds, maxAgeSeconds },
        'the state was reset: now that the clock was set, it proves to have been older than state.maxAgeSeconds',
      );
    } else {
      this.#loaded = { ...this.#loaded, ageMs };
      log.info({ ageSeconds }, 'the clock was set: the age of the resumed state is known now');
    }
    return { ageMs, isTooOld };
  }

  /** The stream was reset: nothing of what was resumed is left. */
  forget(): void {
    this.#resumed = undefined;
  }

  /** Another model runs from now on, and its state began anew. */
  beginAnew(): void {
    this.#resumed = undefined;
    this.#loaded = { reason: 'reloaded', saved: null, learnt: this.#loaded.learnt };
  }

  /** Returns what was saved; of an age that nobody knows it is resumed only where gaps of any length are. */
  async #trusted(): Promise<LoadResult> {
    const { store, config, log } = this.#options;
    const loaded = await store.load();
    const isTrusted = config.onGap.then === 'keep';
    if (loaded.saved === null || loaded.ageMs !== null || isTrusted) {
      return loaded;
    }
    log.warn(
      { savedAt: new Date(loaded.saved.savedAt.epochMs).toISOString() },
      'nobody knows how old the saved state is: the machine was booted since it was saved, and no time server or ' +
        'clock with a battery has confirmed the clock (state.onGap.then: keep would resume it)',
    );
    return { reason: 'unknownAge', saved: null, learnt: loaded.learnt };
  }
}
