import { basename } from 'node:path';
import { DriftVerdict, type DriftChange } from '../drift/drift-verdict.js';
import { WatchedNumber, type DriftFigures } from '../drift/watched-number.js';
import { entropyOf } from '../drift/entropy.js';
import type { SampleBlock } from '../sensor/sample-block.js';
import type { PreparedStream } from './prepared-stream.js';
import { publishedNumbers, type PublishedNumber } from './published-number.js';
import { sampleRateHz, streamFeatures } from './stream-features.js';

/** For the health of a stream: whether its features and outputs are still as expected. */
export interface DriftHealth {
  /** Names, for people, what they are compared with; null where nothing tells, and only means are known. */
  readonly from: string | null;
  readonly windowSeconds: number;
  /** Windows beyond a limit, one after the other. */
  readonly windowsBeyond: number;
  /** True once that lasts. */
  readonly isDrifting: boolean;
  /** The last whole window, what is farthest from the reference first; empty before its end. */
  readonly numbers: readonly DriftFigures[];
}

/** Samples a second that are looked at, about: what lasts for minutes needs no more. */
const looksHz = 10;
/** A window of fewer numbers says nothing. */
const leastLooks = 30;
/** A model may have hundreds of features, and a broker a bound on packets. */
const mostFigures = 24;

/**
 * Compares the features and the outputs of a stream with those that its model expects, window by window. It looks at one
 * sample in many, so that it costs next to nothing.
 */
export class DriftWatch {
  readonly #features: readonly WatchedNumber[];
  readonly #numbers: readonly PublishedNumber[];
  readonly #outputs: readonly WatchedNumber[];
  readonly #entropy: WatchedNumber | undefined;
  readonly #probabilities: Float32Array;
  readonly #verdict: DriftVerdict;
  readonly #from: string | null;
  readonly #windowSeconds: number;
  readonly #windowSamples: number;
  readonly #lookEvery: number;
  #samples = 0;
  #looks = 0;
  #untilLook = 0;
  #untilOutput = 0;
  #figures: readonly DriftFigures[] = [];

  constructor({ config, expected: trained, heads, reference }: PreparedStream) {
    const {
      windowSeconds,
      stabilityIndex,
      outOfRange,
      windows,
      reference: file,
    } = config.model.drift;
    const rateHz = sampleRateHz(config);
    this.#windowSeconds = windowSeconds;
    this.#windowSamples = Math.ceil(windowSeconds * rateHz);
    this.#lookEvery = Math.max(1, Math.round(rateHz / looksHz));
    this.#verdict = new DriftVerdict({ stabilityIndex, outOfRange, windows });
    this.#from = file === undefined ? (trained?.source ?? null) : basename(file);
    const mode = reference?.modes[config.model.mode];
    this.#features = streamFeatures(config).map((name, n) => {
      const ofTraining = trained && {
        mean: trained.mean[n] ?? 0,
        deviation: trained.deviation[n] ?? 1,
      };
      return new WatchedNumber('feature', name, reference?.features[n] ?? ofTraining);
    });
    this.#numbers = publishedNumbers(heads);
    this.#outputs = this.#numbers.map(({ name }) => {
      const known = mode?.outputs.find((each) => each.name === name);
      return new WatchedNumber('output', name, known);
    });
    // Of several heads each would have an entropy of its own, which a reference does not have.
    const isClassifier =
      heads.length === 1 &&
      this.#numbers.length > 0 &&
      this.#numbers.every(({ what }) => what === 'probability');
    this.#entropy = isClassifier
      ? new WatchedNumber('entropy', 'entropy', mode?.entropy[0])
      : undefined;
    this.#probabilities = new Float32Array(this.#numbers.length);
  }

  get health(): DriftHealth {
    return {
      from: this.#from,
      windowSeconds: this.#windowSeconds,
      windowsBeyond: this.#verdict.windowsBeyond,
      isDrifting: this.#verdict.isOn,
      numbers: this.#figures,
    };
  }

  /**
   * Takes a block that was stepped.
   *
   * @param isWarm whether the last sample has a warm output, which the heads hold
   * @returns a drift that has begun or ended
   */
  add({ values, count, features }: SampleBlock, isWarm: boolean): DriftChange | undefined {
    while (this.#untilLook < count) {
      this.#lookAtFeatures(values, this.#untilLook * features);
      this.#untilLook += this.#lookEvery;
    }
    this.#untilLook -= count;
    this.#untilOutput -= count;
    if (isWarm && this.#untilOutput <= 0) {
      this.#untilOutput = this.#lookEvery;
      this.#lookAtOutputs();
    }
    this.#samples += count;
    return this.#samples >= this.#windowSamples ? this.#endWindow() : undefined;
  }

  #lookAtFeatures(values: Float32Array, offset: number): void {
    this.#looks += 1;
    for (let n = 0; n < this.#features.length; n += 1) {
      this.#features[n]?.add(values[offset + n] ?? 0);
    }
  }

  #lookAtOutputs(): void {
    for (let n = 0; n < this.#numbers.length; n += 1) {
      const value = this.#numbers[n]?.measure();
      if (value !== undefined) {
        this.#outputs[n]?.add(Math.fround(value));
        this.#probabilities[n] = value;
      }
    }
    const entropy = this.#entropy && entropyOf(this.#probabilities, 0, this.#probabilities.length);
    if (entropy !== null && entropy !== undefined) {
      this.#entropy?.add(Math.fround(entropy));
    }
  }

  #endWindow(): DriftChange | undefined {
    const all = [...this.#features, ...this.#outputs, ...(this.#entropy ? [this.#entropy] : [])];
    const figures = all.flatMap((number) => number.take() ?? []);
    const isEnough = this.#looks >= leastLooks;
    this.#samples = 0;
    this.#looks = 0;
    if (!isEnough) {
      return undefined;
    }
    this.#figures = figures.sort((a, b) => distanceOf(b) - distanceOf(a)).slice(0, mostFigures);
    return this.#verdict.window(figures);
  }
}

function distanceOf({ stabilityIndex, outOfRange }: DriftFigures): number {
  return (stabilityIndex ?? 0) + (outOfRange ?? 0);
}
