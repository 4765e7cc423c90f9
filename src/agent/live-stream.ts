import type { Log } from '../base/log.js';
import { StepFlag } from '../engine/program/engine.js';
import { layoutHash } from '../engine/program/program.js';
import type { Stepper } from '../engine/stepper.js';
import { PayloadWriter } from '../publish/prediction/payload.js';
import { PublishPolicy } from '../publish/prediction/policy.js';
import type { Qos, StreamRecord } from '../publish/prediction/record.js';
import type { Gap, SampleBlock, SampleSink } from '../sensor/sample-block.js';
import type { Sensor } from '../sensor/sensor.js';
import { StateStore, type LoadResult } from '../state/state-store.js';
import type { PreparedStream } from './prepared-stream.js';
import { createSensor } from './sensor-factory.js';
import type { Stage } from './watchdog.js';

/** The counters of a stream. */
export interface StreamHealth {
  readonly connected: boolean;
  /** Samples that the state has seen. */
  readonly samples: number;
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

/** A stream that runs: one sensor, one model and one state, from the samples to the records. */
export class LiveStream implements SampleSink {
  readonly name: string;
  readonly #options: LiveStreamOptions;
  readonly #sensor: Sensor;
  readonly #stepper: Stepper;
  readonly #policy: PublishPolicy;
  readonly #store: StateStore;
  readonly #counters = { steps: 0, gapResets: 0, exploded: 0, refused: 0 };
  #checkpointTimer: NodeJS.Timeout | undefined;
  /** Samples that had been stepped at the last save. */
  #savedSteps = 0;
  /** When the newest sample was acquired, epoch milliseconds. */
  #lastSampleMs = 0;
  #isSaving = false;

  constructor(options: LiveStreamOptions) {
    const { prepared, boot, qos, emit, log } = options;
    const { name, config, plan, stepper, labels, events } = prepared;
    const { program } = stepper;
    this.#options = options;
    this.name = name;
    this.#sensor = createSensor(config, log);
    this.#stepper = stepper;
    this.#policy = new PublishPolicy({
      stream: name,
      qos,
      outputSize: labels.outputs.length,
      payload: new PayloadWriter(boot, labels),
      every: config.publish.every,
      events,
      emit,
    });
    this.#store = new StateStore({
      directory: prepared.stateDirectory,
      modelSha256: plan.sha256,
      layoutHash: layoutHash(program),
      stateSize: program.stateSize,
      maxAgeSeconds: config.state.maxAgeSeconds,
      log,
    });
  }

  /** Loads the state from flash; comes before `start`. Does not throw: a state that cannot be resumed is not. */
  async resume(): Promise<LoadResult> {
    const { log } = this.#options;
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
    this.#lastSampleMs = lastSampleMs;
    log.info(
      { samples: sampleCount, ageSeconds: Math.round(result.ageMs / 1000) },
      `resumed after sample ${sampleCount}, saved ${Math.round(result.ageMs / 1000)} s ago`,
    );
    return result;
  }

  /** Opens the sensor, whose samples are stepped from now on, and saves the state at its intervals. */
  start(): void {
    const { checkpointSeconds } = this.#options.prepared.config.state;
    this.#checkpointTimer = setInterval(() => void this.#checkpoint(), 1000 * checkpointSeconds);
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
    const saved = await this.#checkpoint();
    await this.#store.close();
    return saved ? this.#stepper.sampleCount : null;
  }

  /** Steps a block of samples, and gives the outputs to the policy. */
  block(block: SampleBlock): void {
    const { count, output, flags } = this.#stepper.step(block);
    const { outputSize } = this.#stepper.program;
    for (let n = 0; n < count; n += 1) {
      const flag = flags[n] ?? 0;
      if ((flag & StepFlag.output) !== 0) {
        const warm = (flag & StepFlag.warm) !== 0;
        this.#policy.output(block.timeMs[n] ?? 0, block.firstSeq + n, output, n * outputSize, warm);
      } else if ((flag & (StepFlag.reset | StepFlag.refused)) !== 0) {
        this.#report(flag, block.firstSeq + n);
      }
    }
    this.#counters.steps += count;
    this.#lastSampleMs = block.timeMs[count - 1] ?? this.#lastSampleMs;
  }

  /** Samples did not arrive: the next prediction tells it, and a long gap may reset the state. */
  gap({ lengthMs, reason }: Gap): void {
    this.#policy.gap(lengthMs);
    const { maxMs, then } = this.#options.prepared.config.state.onGap;
    if (lengthMs <= maxMs || then === 'keep') {
      return;
    }
    this.#stepper.reset();
    this.#counters.gapResets += 1;
    this.#options.log.warn(
      { gapMs: Math.round(lengthMs), reason },
      'the state was reset: samples were missing for longer than state.onGap.maxMs',
    );
  }

  get health(): StreamHealth {
    return {
      connected: this.#sensor.connected,
      samples: this.#stepper.sampleCount,
      steps: this.#counters,
      published: this.#policy.stats,
      sensor: this.#sensor.counters,
      state: this.#store.stats,
    };
  }

  /** Bytes of state that would be written in a day, at the pace so far. */
  get stateBytesPerDay(): number {
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

  /** Counts and logs a sample that gave no output because of what was wrong with it or with the state. */
  #report(flag: number, seq: number): void {
    const { log } = this.#options;
    if ((flag & StepFlag.reset) !== 0) {
      this.#counters.exploded += 1;
      log.error(
        { seq },
        'the state exploded or was not finite: it was reset, nothing was published',
      );
    } else {
      this.#counters.refused += 1;
      log.error({ seq }, 'a sample was not finite and was refused');
    }
  }
}
