import type { Log } from '../base/log.js';
import { layoutHash, type StepProgram } from '../engine/program/program.js';
import type { MachineClock } from '../platform/machine-clock.js';
import type { SampleBlock } from '../sensor/sample-block.js';
import type { LoadResult } from '../state/load-result.js';
import { StateStore, type StateStoreStats } from '../state/state-store.js';
import { Checkpoints } from './checkpoints.js';
import type { PreparedStream } from './prepared-stream.js';
import { StateResumption } from './state-resumption.js';
import type { Stage } from './watchdog.js';

/** The state of a stream on flash: what was found there, and what is put there. */
export class StreamState {
  readonly #store: StateStore;
  readonly #checkpoints: Checkpoints;
  readonly #resumption: StateResumption;

  constructor(prepared: PreparedStream, clock: MachineClock, log: Log) {
    const { name, config, stepper, stateDirectory: directory } = prepared;
    this.#store = new StateStore({
      directory,
      stream: name,
      ...ownerOf(stepper.program),
      maxAgeSeconds: config.state.maxAgeSeconds,
      clock,
      log,
    });
    this.#checkpoints = new Checkpoints(this.#store, stepper, clock);
    this.#resumption = new StateResumption({
      store: this.#store,
      config: config.state,
      clock,
      log,
    });
  }

  /** Loads the state from flash. Does not throw. */
  async load(): Promise<LoadResult> {
    const result = await this.#resumption.load();
    if (result.saved !== null) {
      this.#checkpoints.resumed(result.saved.lastSampleMs);
    }
    return result;
  }

  /** Returns what became of the saved state, with its age as far as it is known by now. */
  get loaded(): LoadResult {
    return this.#resumption.loaded;
  }

  /** Looks again at the age of what was resumed; see `StateResumption.lookAgain`. */
  lookAgain(): ReturnType<StateResumption['lookAgain']> {
    return this.#resumption.lookAgain();
  }

  /** The first sample ends the gap behind the state; see `ResumedState.endGap`. */
  endGap(firstSampleMs: number): number | null | undefined {
    return this.#resumption.endGap(firstSampleMs);
  }

  /** The stream was reset: nothing of what was resumed is left. */
  forget(): void {
    this.#resumption.forget();
  }

  /** A block was stepped. */
  stepped(block: SampleBlock): void {
    this.#checkpoints.stepped(block);
  }

  /** Keeps what was learnt from the stream; see `StateStore.saveLearnt`. */
  saveLearnt(learnt: object): Promise<boolean> {
    return this.#store.saveLearnt(learnt);
  }

  /** Puts the state on flash where samples were stepped since; see `Checkpoints.save`. */
  save(): Promise<number | null> {
    return this.#checkpoints.save();
  }

  /** Puts the state on flash, as when somebody has asked for it; see `Checkpoints.saveAnyway`. */
  saveAnyway(): Promise<number | null> {
    return this.#checkpoints.saveAnyway();
  }

  /** Resolves when no save is under way at that moment; undefined where none is now. */
  get saving(): Promise<unknown> | undefined {
    return this.#store.saving;
  }

  /**
   * From now on the state is that of another stepper; comes while no save is under way.
   *
   * @param isKept whether the stepper goes on with the state as it was
   */
  follow(stepper: PreparedStream['stepper'], isKept: boolean): void {
    this.#checkpoints.follow(stepper);
    if (!isKept) {
      this.#store.follow(ownerOf(stepper.program));
      this.#resumption.beginAnew();
    }
  }

  get stats(): StateStoreStats {
    return this.#store.stats;
  }

  /** The stage that the watchdog looks at. */
  stage(stream: string): Stage {
    return this.#checkpoints.stage(stream);
  }

  /** Waits for a save under way, then closes the files. */
  close(): Promise<void> {
    return this.#store.close();
  }
}

function ownerOf(program: StepProgram) {
  return {
    modelSha256: program.plan.sha256,
    layoutHash: layoutHash(program),
    stateSize: program.stateSize,
  };
}
