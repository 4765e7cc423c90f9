import type { Log } from '../base/log.js';
import { repeat } from '../base/repeat.js';
import { sumOf } from '../base/sum-of.js';
import type { MachineClock } from '../platform/machine-clock.js';
import type { Qos, StreamRecord } from '../publish/prediction/record.js';
import type { Gap, SampleBlock, SampleSink } from '../sensor/sample-block.js';
import type { Sensor } from '../sensor/sensor.js';
import type { LoadResult } from '../state/load-result.js';
import type { PreparedStream } from './prepared-stream.js';
import type { HeldSensor } from './read-pause.js';
import type { QueuedStream } from './step-queue.js';
import { createSensor } from './sensor-factory.js';
import { healthOf, type StreamHealth } from './stream-health.js';
import type { StreamObserver } from './stream-observer.js';
import type { StepResult } from '../engine/stepper.js';
import { StreamState } from './stream-state.js';
import { StreamSteps } from './stream-steps.js';
import type { Stage } from './watchdog.js';

export interface LiveStreamOptions {
  readonly prepared: PreparedStream;
  /** Number of this process' life. */
  readonly boot: number;
  readonly qos: Qos;
  /** Takes each record of the stream. */
  readonly emit: (record: StreamRecord) => void;
  /** Takes what the stream says now, as JSON, for subscribers who come later; at a bounded rate. */
  readonly setNow: (payload: string) => void;
  /** Told of each block that was stepped, by whom reading may be held. */
  readonly stepped: (samples: number, sensor: HeldSensor) => void;
  readonly clock: MachineClock;
  readonly log: Log;
}

/** A stream that runs: one sensor, one model and one state, from the samples to the records. */
export class LiveStream implements SampleSink, QueuedStream {
  readonly name: string;
  readonly #options: LiveStreamOptions;
  readonly #sensor: Sensor;
  readonly #state: StreamState;
  #steps: StreamSteps;
  #trial: SampleSink | undefined;
  #checkpointTimer: NodeJS.Timeout | undefined;
  #nowTimer: NodeJS.Timeout | undefined;

  constructor(options: LiveStreamOptions) {
    const { prepared, clock, log } = options;
    const { name, config } = prepared;
    this.#options = options;
    this.name = name;
    this.#sensor = createSensor(config, log, {
      onLearnt: (learnt) => void this.#state.saveLearnt(learnt),
      link: prepared.link,
    });
    this.#steps = this.stepsOf(prepared);
    this.#state = new StreamState(prepared, clock, log);
  }

  /** Steps of this stream with a model, which may be another one than that which runs. */
  stepsOf(prepared: PreparedStream): StreamSteps {
    const { boot, qos, emit, log } = this.#options;
    const onForget = (): void => this.#state.forget();
    return new StreamSteps({ prepared, boot, qos, emit, log, onForget });
  }

  /**
   * Loads the state from flash; comes before `start`. Does not throw: without a state that can be resumed
   * the stream starts afresh.
   */
  async resume(): Promise<LoadResult> {
    const { saved, learnt } = await this.#state.load();
    this.#resumeLearnt(learnt);
    if (saved !== null) {
      this.#steps.restore(saved.state, saved.sampleCount);
    }
    return this.loaded;
  }

  /** Returns what became of the saved state, with its age as far as it is known by now. */
  get loaded(): LoadResult {
    return this.#state.loaded;
  }

  /**
   * Looks again at the age of the resumed state, after the machine's clock was set or became known to be right: one
   * that proves to be too old is reset. Does not throw.
   *
   * @returns whether `loaded` tells something else than before
   */
  clockChanged(): boolean {
    const age = this.#state.lookAgain();
    this.#settle();
    if (age?.isTooOld === true) {
      this.#steps.forget();
    } else if (age !== undefined) {
      this.#steps.forgetAfter(age.ageMs, 'restarted');
    }
    return age !== undefined;
  }

  /**
   * Opens the sensor, whose samples are stepped from now on, and saves the state at its intervals.
   *
   * @param observer sees what the stream does
   */
  start(observer?: StreamObserver): void {
    this.observe(observer);
    const { checkpointSeconds } = this.prepared.config.state;
    const { log } = this.#options;
    this.#checkpointTimer = repeat(1000 * checkpointSeconds, 'a checkpoint', log, async () => {
      await this.#state.save();
    });
    const { nowSeconds } = this.prepared.config.publish;
    if (nowSeconds > 0) {
      this.#nowTimer = repeat(1000 * nowSeconds, 'the current state', log, () => this.#setNow());
    }
    this.#sensor.start(this);
  }

  /** From now on another one sees what the stream does. */
  observe(observer: StreamObserver | undefined): void {
    this.#steps.observer = observer;
  }

  /**
   * Closes the sensor and puts the state on flash. Does not throw.
   *
   * @returns number of samples in the saved state; null when it could not be saved
   */
  async stop(): Promise<number | null> {
    clearInterval(this.#checkpointTimer);
    await this.#sensor.stop();
    this.#settle();
    this.#steps.flush();
    if (this.#nowTimer !== undefined) {
      clearInterval(this.#nowTimer);
      this.#setNow();
    }
    const saved = await this.#state.save();
    await this.#state.close();
    return saved;
  }

  /**
   * Begins with an empty state, on flash too. Does not throw.
   *
   * @returns whether it is on flash
   */
  async reset(): Promise<boolean> {
    this.#settle();
    this.#steps.reset();
    return (await this.#state.saveAnyway()) !== null;
  }

  /** Gives every sample to a trial of another model as well; undefined ends it. */
  try(trial: SampleSink | undefined): void {
    this.#trial = trial;
  }

  /**
   * Goes on with another model from the next sample on: the sensor, the numbers of samples and the counts are as before,
   * and the state begins anew on flash too. Does not throw.
   *
   * @param steps those of the other model, which may have seen samples already
   * @param isKept whether that model goes on with the state of the one before
   * @param replaced is called before the first sample that it steps
   * @returns whether the state is on flash
   */
  async replaceModel(steps: StreamSteps, isKept: boolean, replaced: () => void): Promise<boolean> {
    while (this.#state.saving !== undefined) {
      await this.#state.saving;
    }
    this.#settle();
    const before = this.#steps;
    if (isKept) {
      const { state, sampleCount } = before.prepared.stepper;
      steps.restore(state, sampleCount);
    }
    steps.follow(before);
    this.#steps = steps;
    this.#trial = undefined;
    this.#state.follow(steps.prepared.stepper, isKept);
    replaced();
    return (await this.#state.saveAnyway()) !== null;
  }

  /**
   * Puts the state on flash now. Does not throw.
   *
   * @returns samples in the saved state; null when it could not be saved
   */
  checkpoint(): Promise<number | null> {
    return this.#state.saveAnyway();
  }

  /** Steps a block of samples, and gives the outputs to the policy. */
  block(block: SampleBlock): void {
    this.#endRestart(block.timeMs[0] ?? 0);
    const { together } = this.prepared;
    if (together !== undefined && block.count === 1) {
      together.add(this, block);
      return;
    }
    together?.settle(this);
    this.#steps.block(block);
    this.#afterStep(block);
  }

  get stepper(): PreparedStream['stepper'] {
    return this.prepared.stepper;
  }

  /** A sample was stepped together with those of other streams. */
  stepped(block: SampleBlock, result: StepResult, stepMs: number): void {
    this.#steps.stepped(block, result, stepMs);
    this.#afterStep(block);
  }

  /** Samples did not arrive: the next prediction tells it, and a long gap may reset the state. */
  gap(gap: Gap): void {
    this.#settle();
    this.#steps.gap(gap);
    this.#trial?.gap(gap);
  }

  /** The time from the last sample of the resumed state to the first one now is a gap as any other. */
  #endRestart(firstSampleMs: number): void {
    const lengthMs = this.#state.endGap(firstSampleMs);
    if (lengthMs === undefined || lengthMs === 0) {
      return;
    }
    this.#steps.missing(lengthMs);
    this.#steps.forgetAfter(lengthMs ?? Infinity, 'restarted');
  }

  get prepared(): PreparedStream {
    return this.#steps.prepared;
  }

  /** Returns whether its sensor is there. */
  get isConnected(): boolean {
    return this.#sensor.connected;
  }

  get health(): StreamHealth {
    return healthOf(this.#sensor, this.#steps, this.#state.stats);
  }

  /** Bytes of state that would be written in a day, at the pace so far; null in the first minutes. */
  get stateBytesPerDay(): number | null {
    return this.#state.stats.bytesPerDay;
  }

  /** The stages that the watchdog looks at. */
  get stages(): Stage[] {
    const { name } = this;
    return [
      {
        name: `${name}: sensor`,
        // Even a sensor that is not there is asked for at least once a minute.
        progress: () => sumOf(this.#sensor.counters['link'] ?? {}),
        waiting: () => false,
      },
      this.#state.stage(name),
    ];
  }

  /** Steps what waits to be stepped together with others. */
  #settle(): void {
    this.prepared.together?.settle(this);
  }

  #afterStep(block: SampleBlock): void {
    this.#state.stepped(block);
    this.#trial?.block(block);
    this.#options.stepped(block.count, this.#sensor);
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

  #setNow(): void {
    const payload = this.#steps.takeNow();
    if (payload !== undefined) {
      this.#options.setNow(payload);
    }
  }
}
