import { dailyBytes } from '../base/daily-bytes.js';
import { errorCode, messageOf } from '../base/errors.js';
import { FailureCount } from '../base/failure-count.js';
import type { Log } from '../base/log.js';
import { nodeFileSystem, type FileSystem } from '../platform/file-system.js';
import { encodeSlot, slotBytes, type StateRecord } from './slot-codec.js';
import { slotNames, SlotPair, type SlotName } from './slot-pair.js';

/** How far a time of saving may lie ahead of the clock before it is taken for a clock set back. */
const clockSlackMs = 1000;

/** Stands for the time of the last sample where nobody knows it, as in a state that was imported. */
export const unknownSampleMs = 0;

export interface StateStoreOptions {
  /** The directory of this stream alone; see `streamDirectory`. */
  readonly directory: string;
  /** Name of the stream: the state of another is not loaded. */
  readonly stream: string;
  /** SHA-256 of the model file, lower-case hex. */
  readonly modelSha256: string;
  /** SHA-256 of the state's layout, lower-case hex. */
  readonly layoutHash: string;
  /** Floats of the state. */
  readonly stateSize: number;
  /** An older state is not resumed. */
  readonly maxAgeSeconds: number;
  readonly log: Log;
  readonly fileSystem?: FileSystem;
  /** Wall time, epoch milliseconds. */
  readonly now?: () => number;
  /** Time that never jumps, milliseconds. */
  readonly monotonicMs?: () => number;
}

/** Why a stream starts with the state it starts with. */
export type LoadReason =
  | 'resumed'
  /** Nothing was ever saved here. */
  | 'fresh'
  /** No slot is whole, and at least one was damaged. */
  | 'damaged'
  | 'otherModel'
  /** It was saved for another stream: somebody moved or copied the file. */
  | 'otherStream'
  /** The same model in another mode, window or stride. */
  | 'otherLayout'
  | 'tooOld'
  /** The file system gave an error. */
  | 'unreadable';

export type LoadResult =
  | { readonly reason: 'resumed'; readonly record: StateRecord; readonly ageMs: number }
  | { readonly reason: Exclude<LoadReason, 'resumed'>; readonly record: null };

/** Why a saved state cannot be that of a stream: for programs, and for a reader of the log. */
interface Mismatch {
  readonly reason: 'otherStream' | 'otherModel' | 'otherLayout';
  readonly why: string;
}

export interface StateStoreStats {
  /** States on flash since the start. */
  readonly saves: number;
  readonly failures: number;
  readonly bytesWritten: number;
  /** Bytes written to flash in a day at the mean rate since the start; null in the first minutes. */
  readonly bytesPerDay: number | null;
}

interface Snapshot {
  readonly state: Float32Array;
  sampleCount: number;
  lastSampleMs: number;
  savedMs: number;
}

/** Keeps the state of one stream on flash, in two slots written in turn. */
export class StateStore {
  readonly #options: StateStoreOptions;
  readonly #slots: SlotPair;
  readonly #now: () => number;
  readonly #monotonicMs: () => number;
  readonly #startedMs: number;
  readonly #slot: Buffer;
  readonly #snapshot: Snapshot;

  /** Whether both slots were read: only then it is known which one is the newest and must stay. */
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
    this.#slots = new SlotPair(options.directory, options.fileSystem ?? nodeFileSystem);
    this.#now = options.now ?? Date.now;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#startedMs = this.#monotonicMs();
    this.#failures = new FailureCount(this.#monotonicMs);
    this.#slot = Buffer.alloc(slotBytes(options.stateSize, options.stream));
    this.#snapshot = {
      state: new Float32Array(options.stateSize),
      sampleCount: 0,
      lastSampleMs: 0,
      savedMs: 0,
    };
  }

  /** Gives the newest whole state of this model and layout, or why there is none; does not throw. */
  async load(): Promise<LoadResult> {
    const { directory, maxAgeSeconds, log } = this.#options;
    let result: LoadResult;
    try {
      result = await this.#survey();
    } catch (error) {
      log.error({ directory, error: messageOf(error) }, 'the saved state cannot be read');
      return { reason: 'unreadable', record: null };
    }
    if (result.reason !== 'resumed') {
      return result;
    }
    const { savedMs } = result.record;
    if (savedMs > this.#now() + clockSlackMs) {
      log.warn({ directory, savedMs }, 'the state was saved in the future: the clock went back');
    }
    return result.ageMs > 1000 * maxAgeSeconds ? { reason: 'tooOld', record: null } : result;
  }

  /**
   * Writes a state to flash, in libuv's threads. It is copied before this returns, so that the
   * caller may go on stepping; of the states that come while a save is under way, the latest is
   * saved after it. Does not throw: failures are counted and logged at most once a minute, and
   * the next call tries again.
   *
   * @param state `stateSize` floats
   * @param sampleCount samples seen since this state began
   * @param lastSampleMs acquisition time of the last of them, epoch milliseconds; left out
   *   where nobody knows it
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
    this.#snapshot.savedMs = this.#now();
    this.#pending = true;
    this.#saving ??= this.#saveAll();
    return this.#saving;
  }

  get stats(): StateStoreStats {
    return {
      saves: this.#saves,
      failures: this.#failures.total,
      bytesWritten: this.#bytesWritten,
      bytesPerDay: dailyBytes(this.#bytesWritten, this.#monotonicMs() - this.#startedMs),
    };
  }

  /** Waits for a save under way, then closes the slots. */
  async close(): Promise<void> {
    await this.#saving;
    await this.#slots.close();
  }

  async #saveAll(): Promise<boolean> {
    let saved = false;
    while (this.#pending) {
      saved = await this.#saveOnce();
    }
    this.#saving = undefined;
    return saved;
  }

  async #saveOnce(): Promise<boolean> {
    const { stream, modelSha256, layoutHash } = this.#options;
    try {
      if (!this.#surveyed) {
        await this.#survey();
      }
      if (!this.#surveyed) {
        throw new Error('a slot that must be kept aside could not be');
      }
      this.#pending = false;
      this.#sequence += 1;
      encodeSlot(this.#slot, {
        ...this.#snapshot,
        stream,
        modelSha256,
        layoutHash,
        sequence: this.#sequence,
      });
      await this.#slots.write(this.#target, this.#slot);
    } catch (error) {
      this.#pending = false;
      this.#fail(error);
      return false;
    }
    this.#succeed();
    return true;
  }

  /** Reads both slots, keeps aside those that cannot be used, and chooses the one to write next. */
  async #survey(): Promise<LoadResult> {
    const { directory, log } = this.#options;
    let newest: StateRecord | undefined;
    let reason: Exclude<LoadReason, 'resumed'> = 'fresh';
    let complete = true;
    let target: SlotName = 'slot-a';
    for (const slot of slotNames) {
      const content = await this.#slots.read(slot);
      if (content === null || content.kind === 'empty') {
        continue;
      }
      if (content.kind === 'damaged') {
        reason = 'damaged';
        complete = (await this.#setAside(slot, 'damaged', content.reason)) && complete;
        continue;
      }
      const { record } = content;
      const mismatch = this.#mismatch(record);
      if (mismatch !== undefined) {
        // Of several reasons the one that says most is told.
        if (reason !== 'damaged' && reason !== 'otherStream' && reason !== 'otherModel') {
          ({ reason } = mismatch);
        }
        complete = (await this.#setAside(slot, 'other', mismatch.why)) && complete;
      } else if (newest === undefined || record.sequence > newest.sequence) {
        newest = record;
        target = slot === 'slot-a' ? 'slot-b' : 'slot-a';
      }
    }
    this.#sequence = newest?.sequence ?? 0;
    this.#target = target;
    this.#surveyed = complete;
    if (newest === undefined) {
      return { reason, record: null };
    }
    const ageMs = Math.max(0, this.#now() - newest.savedMs);
    log.debug({ directory, sequence: newest.sequence, ageMs }, 'found a saved state');
    return { reason: 'resumed', record: newest, ageMs };
  }

  /** Why a whole slot is not of this stream; undefined where it is, and where the slot names no stream. */
  #mismatch({ stream, modelSha256, layoutHash, state }: StateRecord): Mismatch | undefined {
    const options = this.#options;
    if (stream !== '' && stream !== options.stream) {
      return {
        reason: 'otherStream',
        why: `it is the state of the stream "${stream}", not of "${options.stream}"; if it is meant for this one, stop lstmd and put it there with "lstmd state import"`,
      };
    }
    if (modelSha256 !== options.modelSha256) {
      return { reason: 'otherModel', why: 'it is of another model' };
    }
    if (layoutHash !== options.layoutHash || state.length !== options.stateSize) {
      return { reason: 'otherLayout', why: 'it is of another layout' };
    }
    return undefined;
  }

  async #setAside(slot: SlotName, kind: string, why: string): Promise<boolean> {
    const { log } = this.#options;
    const path = this.#slots.path(slot);
    try {
      const aside = await this.#slots.setAside(slot, kind, this.#now());
      log.warn({ path, aside, why }, 'a saved state cannot be used: kept aside');
      return true;
    } catch (error) {
      log.error(
        { path, why, error: messageOf(error) },
        'a saved state cannot be used or kept aside',
      );
      return false;
    }
  }

  #succeed(): void {
    this.#target = this.#target === 'slot-a' ? 'slot-b' : 'slot-a';
    this.#saves += 1;
    this.#bytesWritten += this.#slot.length;
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
