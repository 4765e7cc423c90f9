import { dailyBytes } from '../base/daily-bytes.js';
import { errorCode, messageOf } from '../base/errors.js';
import { FailureCount } from '../base/failure-count.js';
import { withoutWarnings, type Log } from '../base/log.js';
import { nodeFileSystem, type FileSystem } from '../platform/file-system.js';
import { machineClock, type MachineClock } from '../platform/machine-clock.js';
import type { LoadResult } from './load-result.js';
import { elapsedMs, readClock, unknownSampleMs, type Moment } from './saved-state.js';
import { encodeSlot, mostLearntBytes } from './slot-codec.js';
import { SlotPair, type SlotName } from './slot-pair.js';
import { surveySlots, type SlotSurvey, type StateOwner } from './slot-survey.js';

export interface StateStoreOptions extends StateOwner {
  /** The directory of this stream alone; see `streamDirectory`. */
  readonly directory: string;
  /** A state that is known to be older is not resumed. */
  readonly maxAgeSeconds: number;
  readonly log: Log;
  readonly fileSystem?: FileSystem;
  readonly clock?: MachineClock;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs?: () => number;
}

export interface StateStoreStats {
  /** States on flash since the start. */
  readonly saves: number;
  readonly failures: number;
  /** Failures since the last save that went well; 0 where it did. */
  readonly failing: number;
  readonly bytesWritten: number;
  /** Bytes written to flash in a day at the mean rate since the start; null in the first minutes. */
  readonly bytesPerDay: number | null;
}

interface Snapshot {
  readonly state: Float32Array;
  sampleCount: number;
  lastSampleMs: number;
  savedAt: Moment;
}

/** Keeps the state of one stream on flash, in two slots written in turn. */
export class StateStore {
  readonly #options: StateStoreOptions;
  readonly #slots: SlotPair;
  readonly #clock: MachineClock;
  readonly #monotonicMs: () => number;
  readonly #startedMs: number;
  #owner: StateOwner;
  /** True when the model was replaced: that its states are kept aside is no surprise then. */
  #isReplaced = false;
  #snapshot: Snapshot;
  #learnt: object | null = null;

  /** True when both slots were read: only then it is known which one is the newest and must stay. */
  #surveyed = false;
  #sequence = 0;
  #target: SlotName = 'slot-a';
  #pending = false;
  #saving: Promise<boolean> | undefined;
  #saves = 0;
  readonly #failures: FailureCount;
  #bytesWritten = 0;

  constructor(options: StateStoreOptions) {
    this.#options = options;
    this.#owner = options;
    this.#slots = new SlotPair(options.directory, options.fileSystem ?? nodeFileSystem);
    this.#clock = options.clock ?? machineClock();
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#startedMs = this.#monotonicMs();
    this.#failures = new FailureCount(this.#monotonicMs);
    this.#snapshot = this.#emptySnapshot();
  }

  /** Gives the newest whole state of this model and layout, or why there is none; does not throw. */
  async load(): Promise<LoadResult> {
    const { directory, maxAgeSeconds, log } = this.#options;
    let survey: SlotSurvey;
    try {
      survey = await this.#survey();
    } catch (error) {
      log.error({ directory, error: messageOf(error) }, 'the saved state cannot be read');
      return { reason: 'unreadable', saved: null, learnt: null };
    }
    const { newest: saved, reason, learnt } = survey;
    if (saved === undefined) {
      return { reason, saved: null, learnt };
    }
    if (saved.sampleCount === 0) {
      // It was written for the sake of what was learnt.
      return { reason: 'fresh', saved: null, learnt };
    }
    const ageMs = elapsedMs(saved.savedAt, readClock(this.#clock));
    log.debug({ directory, sequence: saved.sequence, ageMs }, 'found a saved state');
    if (ageMs !== null && ageMs > 1000 * maxAgeSeconds) {
      return { reason: 'tooOld', saved: null, learnt };
    }
    const { state, sampleCount, lastSampleMs, savedAt } = saved;
    this.#snapshot.state.set(state);
    Object.assign(this.#snapshot, { sampleCount, lastSampleMs, savedAt });
    return { reason: 'resumed', saved, ageMs, learnt };
  }

  /**
   * Writes a state to flash, in libuv's threads. It is copied before this returns, so that the
   * caller may go on stepping; of the states that come while a save is under way, the latest is
   * saved after it. Does not throw: failures are counted and logged at most once a minute, and
   * the next call tries again.
   *
   * @param state `stateSize` floats
   * @param sampleCount samples seen since this state began
   * @param lastSampleMs acquisition time of the last of them, epoch milliseconds by the wall clock of
   *   now; left out where nobody knows it
   * @returns true once this state or a later one is on flash; false when it could not be written
   */
  save(state: Float32Array, sampleCount: number, lastSampleMs = unknownSampleMs): Promise<boolean> {
    if (!state.every(Number.isFinite)) {
      this.#fail(new RangeError('the state holds NaN or Inf'));
      return Promise.resolve(false);
    }
    this.#snapshot.state.set(state);
    this.#snapshot.sampleCount = sampleCount;
    this.#snapshot.lastSampleMs = lastSampleMs;
    this.#snapshot.savedAt = readClock(this.#clock);
    return this.#saveSnapshot();
  }

  /**
   * Keeps what was learnt from the stream, such as the order in a header row, which a board prints once, when it
   * boots: with the state that was loaded or saved last, as old as that is, and with each that follows. Does not throw.
   *
   * @param learnt a JSON object; one that is too long is not kept, and logged
   * @returns true once it is on flash
   */
  saveLearnt(learnt: object): Promise<boolean> {
    const bytes = Buffer.byteLength(JSON.stringify(learnt));
    if (bytes > mostLearntBytes) {
      this.#options.log.warn(
        { bytes, mostBytes: mostLearntBytes },
        'what was learnt from the stream is too long to be kept: after a restart it must be learnt anew',
      );
      return Promise.resolve(false);
    }
    this.#learnt = learnt;
    return this.#saveSnapshot();
  }

  /** The save that is under way; undefined where none is. */
  get saving(): Promise<unknown> | undefined {
    return this.#saving;
  }

  /**
   * The states that follow are of this model and layout; comes while no save is under way. What is on flash of
   * another one is kept aside at the next save.
   */
  follow(owner: Omit<StateOwner, 'stream'>): void {
    this.#owner = { ...owner, stream: this.#options.stream };
    this.#snapshot = this.#emptySnapshot();
    this.#surveyed = false;
    this.#isReplaced = true;
  }

  get stats(): StateStoreStats {
    return {
      saves: this.#saves,
      failures: this.#failures.total,
      failing: this.#failures.sinceSuccess,
      bytesWritten: this.#bytesWritten,
      bytesPerDay: dailyBytes(this.#bytesWritten, this.#monotonicMs() - this.#startedMs),
    };
  }

  /** Waits for a save under way, then closes the slots. */
  async close(): Promise<void> {
    await this.#saving;
    await this.#slots.close();
  }

  #emptySnapshot(): Snapshot {
    return {
      state: new Float32Array(this.#owner.stateSize),
      sampleCount: 0,
      lastSampleMs: unknownSampleMs,
      savedAt: readClock(this.#clock),
    };
  }

  #saveSnapshot(): Promise<boolean> {
    this.#pending = true;
    this.#saving ??= this.#saveAll();
    return this.#saving;
  }

  async #saveAll(): Promise<boolean> {
    let isSaved = false;
    while (this.#pending) {
      isSaved = await this.#saveOnce();
    }
    this.#saving = undefined;
    return isSaved;
  }

  async #saveOnce(): Promise<boolean> {
    const { stream, modelSha256, layoutHash } = this.#owner;
    try {
      if (!this.#surveyed) {
        await this.#survey();
      }
      if (!this.#surveyed) {
        throw new Error('a slot that must be kept aside could not be');
      }
      this.#pending = false;
      this.#sequence += 1;
      const { sampleCount, lastSampleMs, savedAt, state } = this.#snapshot;
      const slot = encodeSlot({
        stream,
        modelSha256,
        layoutHash,
        sequence: this.#sequence,
        sampleCount,
        lastSampleMs,
        savedAt,
        learnt: this.#learnt,
        state,
      });
      await this.#slots.write(this.#target, slot);
      this.#succeed(slot.length);
      return true;
    } catch (error) {
      this.#pending = false;
      this.#fail(error);
      return false;
    }
  }

  async #survey(): Promise<SlotSurvey> {
    const { log } = this.#options;
    const survey = await surveySlots(
      this.#slots,
      this.#owner,
      this.#clock.epochMs(),
      this.#isReplaced ? withoutWarnings(log) : log,
    );
    this.#sequence = survey.newest?.sequence ?? 0;
    this.#target = survey.target;
    this.#surveyed = survey.isComplete;
    this.#learnt ??= survey.learnt;
    return survey;
  }

  #succeed(bytes: number): void {
    this.#target = this.#target === 'slot-a' ? 'slot-b' : 'slot-a';
    this.#saves += 1;
    this.#bytesWritten += bytes;
    const failures = this.#failures.succeeded();
    if (failures === 0) {
      return;
    }
    const { directory, log } = this.#options;
    log.info({ directory, failures }, 'the state is saved again');
  }

  #fail(error: unknown): void {
    if (!this.#failures.failed()) {
      return;
    }
    const { sinceSuccess: failures } = this.#failures;
    const { directory, log } = this.#options;
    log.error(
      { directory, code: errorCode(error), error: messageOf(error), failures },
      'the state could not be saved: trying again at the next checkpoint',
    );
  }
}
