import { clockStepMs } from '../base/clock-step.js';
import type { Log } from '../base/log.js';
import { repeat } from '../base/repeat.js';
import { RepeatedLine } from '../base/repeated-line.js';
import { StepFlag } from '../engine/program/engine.js';
import { layoutHash, stateHeaderSize } from '../engine/program/program.js';
import type { Stepper } from '../engine/stepper.js';
import type { MachineClock } from '../platform/machine-clock.js';
import { PayloadWriter } from '../publish/prediction/payload.js';
import { PublishPolicy } from '../publish/prediction/policy.js';
import type { Qos, StreamRecord } from '../publish/prediction/record.js';
import type { Gap, GapReason, SampleBlock, SampleSink } from '../sensor/sample-block.js';
import type { Sensor } from '../sensor/sensor.js';
import { unknownSampleMs } from '../state/saved-state.js';
import { StateStore, type LoadResult } from '../state/state-store.js';
import { FeatureWatch } from './feature-watch.js';
import type { PreparedStream } from './prepared-stream.js';
import { createSensor } from './sensor-factory.js';
import { StateResumption } from './state-resumption.js';
import type { Stage } from './watchdog.js';

/** The counters of a stream. */
export interface StreamHealth {
  readonly connected: boolean;
  /** Samples that the state has seen. */
  readonly samples: number;
  /** Samples a second as they come; see `Sensor.measuredHz`. */
  readonly measuredHz: Sensor['measuredHz'];
  /** How the times of samples are known, and how good they are. */
  readonly timing: Sensor['timing'];
  readonly steps: {
    readonly steps: number;
    readonly gapResets: number;
    readonly exploded: number;
    readonly refused: number;
  };
  readonly published: PublishPolicy['stats'];
  readonly sensor: Sensor['counters'];
  readonly state: StateStore['stats'];
}

export interface LiveStreamOptions {
  readonly prepared: PreparedStream;
  /** Number of this process' life. */
  readonly boot: number;
  readonly qos: Qos;
  /** Takes each record of the stream. */
  readonly emit: (record: StreamRecord) => void;
  readonly clock: MachineClock;
  readonly log: Log;
}

/** A stream that runs: one sensor, one model and one state, from the samples to the records. */
export class LiveStream implements SampleSink {
  readonly name: string;
  readonly #options: LiveStreamOptions;
  readonly #sensor: Sensor;
  readonly #stepper: Stepper;
  readonly #policy: PublishPolicy;
  readonly #store: StateStore;
  readonly #resumption: StateResumption;
  readonly #counters = { steps: 0, gapResets: 0, exploded: 0, refused: 0 };
  readonly #features: FeatureWatch;
  readonly #lines: Readonly<Record<'gapReset' | 'exploded' | 'refused', RepeatedLine>>;
  #checkpointTimer: NodeJS.Timeout | undefined;
  /** Samples that had been stepped at the last save. */
  #savedSteps = 0;
  /** When the newest sample was acquired, epoch milliseconds by the wall clock of then. */
  #lastSampleMs = unknownSampleMs;
  /** When the newest block came, milliseconds since the machine's boot. */
  #lastBlockMs = 0;
  #isSaving = false;

  constructor(options: LiveStreamOptions) {
    const { prepared, boot, qos, emit, clock, log } = options;
    const { name, config, plan, stepper, heads, samples, events } = prepared;
    const { program } = stepper;
    this.#options = options;
    this.name = name;
    this.#sensor = createSensor(
      config,
      log,
      (learnt) => void this.#store.saveLearnt(learnt),
      prepared.link,
    );
    this.#stepper = stepper;
    this.#features = new FeatureWatch(plan, config, log);
    const warn = (fields: object, message: string): void => log.warn(fields, message);
    const error = (fields: object, message: string): void => log.error(fields, message);
    this.#lines = {
      gapReset: new RepeatedLine(warn),
      exploded: new RepeatedLine(error),
      refused: new RepeatedLine(error),
    };
    this.#policy = new PublishPolicy({
      stream: name,
      qos,
      outputSize: program.outputSize,
      heads,
      samples,
      payload: new PayloadWriter(boot, heads),
      every: config.publish.every,
      events,
      emit,
    });
    this.#store = new StateStore({
      directory: prepared.stateDirectory,
      stream: name,
      modelSha256: plan.sha256,
      layoutHash: layoutHash(program),
      stateSize: program.stateSize,
      maxAgeSeconds: config.state.maxAgeSeconds,
      clock,
      log,
    });
    this.#resumption = new StateResumption({
      store: this.#store,
      config: config.state,
      clock,
      log,
    });
  }

  /**
   * Loads the state from flash; comes before `start`. Does not throw: without a state that can be resumed
   * the stream starts afresh.
   */
  async resume(): Promise<LoadResult> {
    const { saved, learnt } = await this.#resumption.load();
    this.#resumeLearnt(learnt);
    if (saved !== null) {
      const { state, sampleCount, lastSampleMs } = saved;
      this.#stepper.restore(state, sampleCount);
      if (this.#stepper.program.wholeWindow) {
        // Its lane is the window as the model sees it, so that scores go on as if nothing had been between.
        this.#policy.restoreSamples(this.#stepper.state.subarray(stateHeaderSize));
      }
      this.#lastSampleMs = lastSampleMs;
    }
    return this.loaded;
  }

  /** What became of the saved state, with its age as far as it is known by now. */
  get loaded(): LoadResult {
    return this.#resumption.loaded;
  }

  /**
   * Looks again at the age of the resumed state, after the machine's clock was set or became known to be right: one
   * that proves to be too old is reset. Does not throw.
   *
   * @returns whether `loaded` tells something else than before
   */
  clockChanged(): boolean {
    const age = this.#resumption.lookAgain();
    if (age?.isTooOld === true) {
      this.#forget();
    } else if (age !== undefined) {
      this.#forgetAfter(age.ageMs, 'restarted');
    }
    return age !== undefined;
  }

  /** Opens the sensor, whose samples are stepped from now on, and saves the state at its intervals. */
  start(): void {
    const { checkpointSeconds } = this.#options.prepared.config.state;
    const { log } = this.#options;
    this.#checkpointTimer = repeat(1000 * checkpointSeconds, 'a checkpoint', log, async () => {
      await this.#checkpoint();
    });
    this.#sensor.start(this);
  }

  /**
   * Closes the sensor and puts the state on flash. Does not throw.
   *
   * @returns number of samples in the saved state; null when it could not be saved
   */
  async stop(): Promise<number | null> {
    clearInterval(this.#checkpointTimer);
    await this.#sensor.stop();
    this.#features.flush();
    for (const line of Object.values(this.#lines)) {
      line.flush();
    }
    const saved = await this.#checkpoint();
    await this.#store.close();
    return saved ? this.#stepper.sampleCount : null;
  }

  /** Steps a block of samples, and gives the outputs to the policy. */
  block(block: SampleBlock): void {
    this.#endRestart(block.timeMs[0] ?? 0);
    this.#features.add(block);
    const { count, output, flags } = this.#stepper.step(block);
    const { outputSize, plan } = this.#stepper.program;
    const { takesSamples } = this.#policy;
    for (let n = 0; n < count; n += 1) {
      const flag = flags[n] ?? 0;
      const hasOutput = (flag & StepFlag.output) !== 0;
      if (takesSamples && (flag & StepFlag.refused) === 0) {
        this.#policy.sample(block.values, n * plan.features, hasOutput);
      }
      if (hasOutput) {
        const warm = (flag & StepFlag.warm) !== 0 && block.isSettling !== true;
        this.#policy.output(block.timeMs[n] ?? 0, block.firstSeq + n, output, n * outputSize, warm);
      } else if ((flag & (StepFlag.reset | StepFlag.refused)) !== 0) {
        this.#policy.interrupt();
        this.#report(flag, block.firstSeq + n);
      }
    }
    this.#counters.steps += count;
    this.#lastSampleMs = block.timeMs[count - 1] ?? this.#lastSampleMs;
    this.#lastBlockMs = this.#options.clock.bootMs();
  }

  /** Samples did not arrive: the next prediction tells it, and a long gap may reset the state. */
  gap({ lengthMs, reason, filled }: Gap): void {
    this.#policy.gap(lengthMs, filled);
    if (filled === 0) {
      this.#forgetAfter(lengthMs, reason);
    }
  }

  /** The time from the last sample of the resumed state to the first one now is a gap as any other. */
  #endRestart(firstSampleMs: number): void {
    const lengthMs = this.#resumption.endGap(firstSampleMs);
    if (lengthMs === undefined || lengthMs === 0) {
      return;
    }
    this.#policy.gap(lengthMs);
    this.#forgetAfter(lengthMs ?? Infinity, 'restarted');
  }

  #forgetAfter(lengthMs: number, reason: GapReason | 'restarted'): void {
    const { maxMs, then } = this.#options.prepared.config.state.onGap;
    if (lengthMs <= maxMs || then === 'keep') {
      return;
    }
    this.#forget();
    this.#lines.gapReset.say(
      { gapMs: Number.isFinite(lengthMs) ? Math.round(lengthMs) : 'unknown', reason },
      'the state was reset: samples were missing for longer than state.onGap.maxMs',
    );
  }

  #forget(): void {
    this.#stepper.reset();
    this.#counters.gapResets += 1;
    this.#resumption.forget();
  }

  get prepared(): PreparedStream {
    return this.#options.prepared;
  }

  get health(): StreamHealth {
    return {
      connected: this.#sensor.connected,
      samples: this.#stepper.sampleCount,
      measuredHz: this.#sensor.measuredHz,
      timing: this.#sensor.timing,
      steps: this.#counters,
      published: this.#policy.stats,
      sensor: this.#sensor.counters,
      state: this.#store.stats,
    };
  }

  /** Bytes of state that would be written in a day, at the pace so far; null in the first minutes. */
  get stateBytesPerDay(): number | null {
    return this.#store.stats.bytesPerDay;
  }

  /** The stages that the watchdog looks at. */
  get stages(): Stage[] {
    const { name } = this;
    return [
      {
        name: `${name}: sensor`,
        // Even a sensor that is not there is asked for at least once a minute.
        progress: () => {
          const link = this.#sensor.counters['link'] ?? {};
          return Object.values(link).reduce((sum, count) => sum + count, 0);
        },
        waiting: () => false,
      },
      {
        name: `${name}: checkpoint`,
        progress: () => this.#store.stats.saves + this.#store.stats.failures,
        waiting: () => !this.#isSaving,
      },
    ];
  }

  #resumeLearnt(learnt: object | null): void {
    if (learnt === null) {
      return;
    }
    const { log } = this.#options;
    if (this.#sensor.restore(learnt)) {
      log.info({ learnt }, 'rows are read as the last header row said, until another comes');
    } else {
      log.info({ learnt }, 'the last header row was for other options of the sensor: passed over');
    }
  }

  async #checkpoint(): Promise<boolean> {
    const { steps } = this.#counters;
    // To save again what is on flash already would make an old state look young.
    if (steps === this.#savedSteps) {
      return true;
    }
    this.#isSaving = true;
    const { state, sampleCount } = this.#stepper;
    const saved = await this.#store.save(state, sampleCount, this.#lastSampleNowMs);
    this.#isSaving = false;
    if (saved) {
      this.#savedSteps = steps;
    }
    return saved;
  }

  /** When the newest sample was acquired, by the wall clock of now, which may have been set since. */
  get #lastSampleNowMs(): number {
    const { clock } = this.#options;
    const blockMs = clock.epochMs() - (clock.bootMs() - this.#lastBlockMs);
    // Samples follow the clock slowly, up to the size of a step.
    const wasSet = Math.abs(blockMs - this.#lastSampleMs) > 2 * clockStepMs;
    return wasSet ? blockMs : this.#lastSampleMs;
  }

  /** Counts and logs a sample that gave no output because of what was wrong with it or with the state. */
  #report(flag: number, seq: number): void {
    if ((flag & StepFlag.reset) !== 0) {
      this.#counters.exploded += 1;
      this.#lines.exploded.say(
        { seq },
        'the state exploded or was not finite: it was reset, nothing was published',
      );
    } else {
      this.#counters.refused += 1;
      this.#lines.refused.say({ seq }, 'a sample was not finite and was refused');
    }
  }
}
