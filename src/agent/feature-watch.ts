import type { Log } from '../base/log.js';
import { RepeatedLine } from '../base/repeated-line.js';
import { FeatureCheck, type ExpectedFeatures } from '../sensor/feature-check.js';
import type { SampleBlock } from '../sensor/sample-block.js';
import type { StreamConfig } from './config-schema.js';
import { sampleRateHz, streamFeatures } from './stream-features.js';

/** Features are compared with those of the training over so much time, and over no fewer samples. */
const checkSeconds = 5;
const checkSamples = 50;

/** Says once that features are far from those of the training, which most often means other units. */
export class FeatureWatch {
  readonly #names: readonly string[];
  readonly #check: FeatureCheck | undefined;
  readonly #line: RepeatedLine;
  /** True when the log has said that features are far from those of the training. */
  #isStrange = false;

  /** @param expected undefined where nothing tells: then nothing is compared */
  constructor(expected: ExpectedFeatures | undefined, config: StreamConfig, log: Log) {
    this.#names = streamFeatures(config);
    this.#check =
      expected &&
      new FeatureCheck(
        expected,
        Math.max(checkSamples, Math.ceil(checkSeconds * sampleRateHz(config))),
      );
    this.#line = new RepeatedLine((fields, message) => log.warn(fields, message));
  }

  /** Takes in the features of a block. */
  add({ values, count }: SampleBlock): void {
    const check = this.#check;
    const strange = check?.add(values, count);
    if (check === undefined || strange === undefined) {
      return;
    }
    if (strange === null) {
      this.#isStrange = false;
      return;
    }
    if (this.#isStrange) {
      return;
    }
    this.#isStrange = true;
    const { feature, deviations } = strange;
    const axis = this.#names[feature] ?? String(feature);
    const { mean, deviation, source } = check.expected;
    const [is, expected, within] = [strange.mean, mean[feature], deviation[feature]].map((value) =>
      Number((value ?? 0).toPrecision(4)),
    );
    this.#line.say(
      { axis, mean: is, expectedMean: expected, expectedDeviation: within },
      `the feature of axis ${axis} is ${is} on the average, where ${source} expects ${expected} with a deviation of ` +
        `${within}: ${deviations.toFixed(0)} deviations off; does the sensor measure in the units of the training? ` +
        'sensor.units and model.units convert them, or features.scale',
    );
  }

  /** Says what was only counted so far. */
  flush(): void {
    this.#line.flush();
  }
}
