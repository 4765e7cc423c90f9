import type { Log } from '../base/log.js';
import { repeat } from '../base/repeat.js';
import { RepeatedLine } from '../base/repeated-line.js';
import { StepFlag } from '../engine/program/engine.js';
import { layoutHash, stateHeaderSize } from '../engine/program/program.js';
import type { Stepper } from '../engine/stepper.js';
import { PayloadWriter } from '../publish/prediction/payload.js';
import { PublishPolicy } from '../publish/prediction/policy.js';
import type { Qos, StreamRecord } from '../publish/prediction/record.js';
import { FeatureCheck } from '../sensor/feature-check.js';
import type { Gap, GapReason, SampleBlock, SampleSink } from '../sensor/sample-block.js';
import type { Sensor } from '../sensor/sensor.js';
import { LearntFile } from '../state/learnt-file.js';
import { StateStore, unknownSampleMs, type LoadResult } from '../state/state-store.js';
import { expectedFeatures } from './expected-features.js';
import type { PreparedStream } from './prepared-stream.js';
import { createSensor } from './sensor-factory.js';
import { streamFeatures } from './stream-features.js';
import type { Stage } from './watchdog.js';

/** The counters of a stream. */
export interface StreamHealth {
  readonly connected: boolean;
  /** Samples that the state has seen. */
  readonly samples: number;
  /** Samples a second as they come; see `Sensor.measuredHz`. */
  readonly measuredHz: Sensor['measuredHz'];
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
  readonly log: Log;
}

/** Features are compared with those of the training over so much time, and over no fewer samples. */
const featureCheckSeconds = 5;
const featureCheckSamples = 50;

/** A stream that runs: one sensor, one model and one state, from the samples to the records. */
export class LiveStream implements SampleSink {
  readonly name: string;
  readonly #options: LiveStreamOptions;
  readonly #sensor: Sensor;
  readonly #learntFile: LearntFile;
  readonly #stepper: Stepper;
  readonly #policy: PublishPolicy;
  readonly #store: StateStore;
  readonly #counters = { steps: 0, gapResets: 0, exploded: 0, refused: 0 };
  readonly #featureCheck: FeatureCheck | undefined;
  /** Whether the log has said that features are far from those of the training. */
  #hasStrangeFeatures = false;
  readonly #lines: Readonly<Record<'strange' | 'gapReset' | 'exploded' | 'refused', RepeatedLine>>;
  #checkpointTimer: NodeJS.Timeout | undefined;
  /** Samples that had been stepped at the last save. */
  #savedSteps = 0;
  /** When the newest sample was acquired, epoch milliseconds. */
  #lastSampleMs = 0;
  /** When the last sample of the resumed state was acquired; undefined once the next one came. */
  #resumedAfterMs: number | undefined;
  #isSaving = false;

  constructor(options: LiveStreamOptions) {
    const { prepared, boot, qos, emit, log } = options;
    const { name, config, plan, stepper, heads, samples, events } = prepared;
    const { program } = stepper;
    this.#options = options;
    this.name = name;
    this.#learntFile = new LearntFile(prepared.stateDirectory, log);
    this.#sensor = createSensor(config, log, (learnt) => this.#learntFile.save(learnt));
    this.#stepper = stepper;
    const expected = expectedFeatures(plan, config.features);
    this.#featureCheck =
      expected &&
      new FeatureCheck(
        expected,
        Math.max(featureCheckSamples, Math.ceil(featureCheckSeconds * config.sensor.rateHz)),
      );
    const warn = (fields: object, message: string): void => log.warn(fields, message);
    const error = (fields: object, message: string): void => log.error(fields, message);
    this.#lines = {
      strange: new RepeatedLine(warn),
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
      log,
    });
  }

  /**
   * Loads the state from flash; comes before `start`. Does not throw: without a state that can be resumed
   * the stream starts afresh.
   */
  async resume(): Promise<LoadResult> {
    const { log } = this.#options;
    await this.#resumeLearnt();
    const result = await this.#store.load();
    if (result.record === null) {
      const fields = { reason: result.reason };
      if (result.reason === 'fresh') {
        log.info(fields, 'no saved state: starting afresh');
      } else {
        log.warn(fields, `the saved state is not resumed (${result.reason}): starting afresh`);
      }
      return result;
    }
    const { state, sampleCount, lastSampleMs } = result.record;
    this.#stepper.restore(state, sampleCount);
    const { program } = this.#stepper;
    if (program.wholeWindow) {
      // Its lane is the window as the model sees it, so that scores go on as if nothing had been between.
      this.#policy.restoreSamples(this.#stepper.state.subarray(stateHeaderSize));
    }
    this.#lastSampleMs = lastSampleMs;
    this.#resumedAfterMs = lastSampleMs === unknownSampleMs ? undefined : lastSampleMs;
    log.info(
      { samples: sampleCount, ageSeconds: Math.round(result.ageMs / 1000) },
      `resumed after sample ${sampleCount}, saved ${Math.round(result.ageMs / 1000)} s ago`,
    );
    return result;
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
    for (const line of Object.values(this.#lines)) {
      line.flush();
    }
    const saved = await this.#checkpoint();
    await this.#store.close();
    await this.#learntFile.close();
    return saved ? this.#stepper.sampleCount : null;
  }

  /** Steps a block of samples, and gives the outputs to the policy. */
  block(block: SampleBlock): void {
    this.#endRestart(block.timeMs[0] ?? 0);
    this.#checkFeatures(block);
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
  }

  /** Samples did not arrive: the next prediction tells it, and a long gap may reset the state. */
  gap({ lengthMs, reason }: Gap): void {
    this.#policy.gap(lengthMs);
    this.#forgetAfter(lengthMs, reason);
  }

  /** The time from the last sample of the resumed state to the first one now is a gap as any other. */
  #endRestart(firstSampleMs: number): void {
    if (this.#resumedAfterMs === undefined) {
      return;
    }
    const lengthMs = firstSampleMs - this.#resumedAfterMs;
    this.#resumedAfterMs = undefined;
    if (lengthMs > 0) {
      this.#policy.gap(lengthMs);
      this.#forgetAfter(lengthMs, 'restarted');
    } else {
      // The clock was set back since, so that nobody knows how long the gap is.
      this.#forgetAfter(Infinity, 'restarted');
    }
  }

  #forgetAfter(lengthMs: number, reason: GapReason | 'restarted'): void {
    const { maxMs, then } = this.#options.prepared.config.state.onGap;
    if (lengthMs <= maxMs || then === 'keep') {
      return;
    }
    this.#stepper.reset();
    this.#counters.gapResets += 1;
    this.#lines.gapReset.say(
      { gapMs: Number.isFinite(lengthMs) ? Math.round(lengthMs) : 'unknown', reason },
      'the state was reset: samples were missing for longer than state.onGap.maxMs',
    );
  }

  get health(): StreamHealth {
    return {
      connected: this.#sensor.connected,
      samples: this.#stepper.sampleCount,
      measuredHz: this.#sensor.measuredHz,
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

  async #resumeLearnt(): Promise<void> {
    const learnt = await this.#learntFile.load();
    if (learnt === undefined) {
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
    const saved = await this.#store.save(state, sampleCount, this.#lastSampleMs);
    this.#isSaving = false;
    if (saved) {
      this.#savedSteps = steps;
    }
    return saved;
  }

  /** Says once that features are far from those of the training, which most often means other units. */
  #checkFeatures({ values, count }: SampleBlock): void {
    const check = this.#featureCheck;
    const strange = check?.add(values, count);
    if (check === undefined || strange === undefined) {
      return;
    }
    if (strange === null) {
      this.#hasStrangeFeatures = false;
      return;
    }
    if (this.#hasStrangeFeatures) {
      return;
    }
    this.#hasStrangeFeatures = true;
    const { feature, deviations } = strange;
    const axis = streamFeatures(this.#options.prepared.config)[feature] ?? String(feature);
    const { mean, deviation, source } = check.expected;
    const [is, expected, within] = [strange.mean, mean[feature], deviation[feature]].map((value) =>
      Number((value ?? 0).toPrecision(4)),
    );
    this.#lines.strange.say(
      { axis, mean: is, expectedMean: expected, expectedDeviation: within },
      `the feature of axis ${axis} is ${is} on the average, where ${source} expects ${expected} with a deviation of ` +
        `${within}: ${deviations.toFixed(0)} deviations off; does the sensor measure in the units of the training? ` +
        'sensor.units and model.units convert them, or features.scale',
    );
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
