import { LstmdError } from '../../base/errors.js';
import { waitForWake } from '../../base/wait-for-wake.js';
import { sampleRateHz } from '../stream-features.js';
import type { LiveStream } from '../live-stream.js';
import type { StreamSteps } from '../stream-steps.js';
import { ModelTrial } from './model-trial.js';

/** A trial lasts at least so long, where the command does not say for how long. */
const leastSeconds = 60;
const mostSeconds = 3600;

/** The trial of a model on every stream that is to run it: all of them go on with it, or none. */
export class TrialGroup {
  readonly #outputs: number;
  readonly #seconds: number | undefined;
  readonly #trials = new Map<LiveStream, ModelTrial>();
  /** Ends the wait for the verdict. */
  #wake: () => void = () => {};

  /**
   * @param outputs warm outputs that each stream has to see
   * @param seconds time for them; undefined for twice of what they need at the streams' rates
   */
  constructor(outputs: number, seconds: number | undefined) {
    this.#outputs = outputs;
    this.#seconds = seconds;
  }

  /** The streams on trial. */
  get size(): number {
    return this.#trials.size;
  }

  /** The streams that sent too little in the meantime to tell anything. */
  get untried(): number {
    return [...this.#trials.values()].filter(({ isGood }) => !isGood).length;
  }

  /** Warm outputs of all streams. */
  get outputs(): number {
    return [...this.#trials.values()].reduce((sum, { outputs }) => sum + outputs, 0);
  }

  /** Steps every sample of a stream with the other model as well, from now on. */
  add(stream: LiveStream, steps: StreamSteps): void {
    const trial = new ModelTrial(steps, this.#outputs, () => this.#look());
    this.#trials.set(stream, trial);
    stream.try(trial);
  }

  /** The steps that have seen the samples of a stream; undefined where it was not on trial. */
  stepsOf(stream: LiveStream): StreamSteps | undefined {
    return this.#trials.get(stream)?.steps;
  }

  /**
   * Waits until the model has proved good on every stream, or their time is over.
   *
   * @throws LstmdError `model.verify` where it has not; the signal's reason where that aborts
   */
  async verdict(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#trials.size === 0) {
      throw new LstmdError('model.verify', 'there is no stream yet on which it could be tried');
    }
    const seconds = this.#seconds ?? this.#secondsNeeded();
    const over = waitForWake(1000 * seconds, (wake) => {
      this.#wake = wake;
    });
    signal.addEventListener('abort', this.#wake);
    // A trial tells once that it has become good or bad, and may have done so while other streams were being added.
    this.#look();
    await over;
    signal.removeEventListener('abort', this.#wake);
    signal.throwIfAborted();
    const fault = this.#fault(seconds);
    if (fault !== undefined) {
      throw new LstmdError('model.verify', `${fault}: the model before goes on`);
    }
  }

  /** Streams go on without the other model. May be called again. */
  end(): void {
    for (const stream of this.#trials.keys()) {
      stream.try(undefined);
    }
  }

  /** Ends the wait where the verdict is known. */
  #look(): void {
    const all = [...this.#trials.values()];
    if (all.some(({ fault }) => fault !== undefined) || all.every(({ isGood }) => isGood)) {
      this.#wake();
    }
  }

  /** Why the model is not good enough; a stream that sent little tells nothing where another one told enough. */
  #fault(seconds: number): string | undefined {
    const isProved = [...this.#trials.values()].some(({ isGood }) => isGood);
    for (const [{ name }, trial] of this.#trials) {
      if (trial.fault !== undefined) {
        return `${name}: ${trial.fault}`;
      }
      const isSilent = trial.samples < samplesNeeded(trial, this.#outputs);
      if (!trial.isGood && !(isProved && isSilent)) {
        return `${name}: ${trial.progress} in ${seconds} s`;
      }
    }
    return undefined;
  }

  #secondsNeeded(): number {
    const needed = [...this.#trials].map(
      ([{ prepared }, trial]) =>
        (2 * samplesNeeded(trial, this.#outputs)) / sampleRateHz(prepared.config),
    );
    return Math.ceil(Math.min(mostSeconds, Math.max(leastSeconds, ...needed)));
  }
}

/** Samples until a model has given so many warm outputs, where it gives one at each sample that it may. */
function samplesNeeded({ steps }: ModelTrial, outputs: number): number {
  const { mode, window, stride, warmupSamples } = steps.prepared.stepper.program;
  return warmupSamples + outputs * (mode === 'sequence' ? window : stride);
}
