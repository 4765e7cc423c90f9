import { watchedRules } from '../../publish/prediction/event-rules.js';
import { ClassifyHead } from '../../publish/prediction/heads/classify-head.js';
import { Labels } from '../../publish/prediction/heads/labels.js';
import { PayloadWriter } from '../../publish/prediction/payload.js';
import { PublishPolicy } from '../../publish/prediction/policy.js';
import { PublishGate } from '../../publish/prediction/publish-gate.js';
import type { Qos, StreamRecord } from '../../publish/prediction/record.js';
import type { Random } from '../motion/random.js';

/** The name that each simulated device gives to its one stream. */
export const streamName = 'wearer';
/** The rule of its one event. */
export const eventRule = { label: 'running', on: 0.9, off: 0.5 } as const;

/** So long, on average, the wearer runs or rests. */
const meanBoutSeconds = 30;

export interface SimulatedStreamOptions {
  /** Number of this process' life. */
  readonly boot: number;
  readonly qos: Qos;
  readonly random: Random;
  readonly emit: (record: StreamRecord) => void;
}

/**
 * Publishes what a classifier would say of a wearer who runs and rests. The policy and the writer of payloads are those of the
 * daemon; only the probability is made up.
 */
export class SimulatedStream {
  readonly #policy: PublishPolicy;
  readonly #random: Random;
  readonly #row = new Float32Array(1);
  #isRunning = false;
  #seq = 0;
  #lastMs: number | undefined;

  constructor({ boot, qos, random, emit }: SimulatedStreamOptions) {
    const { heads: named } = new Labels(['running'], [{ name: 'running', size: 1 }]);
    const heads = named.map((each) => new ClassifyHead(each));
    this.#random = random;
    this.#policy = new PublishPolicy({
      stream: streamName,
      qos,
      outputSize: 1,
      heads,
      payload: new PayloadWriter(boot, heads),
      gate: new PublishGate({ every: 1 }, heads),
      events: watchedRules([eventRule], heads),
      emit,
    });
  }

  get stats(): PublishPolicy['stats'] {
    return this.#policy.stats;
  }

  /**
   * Makes the prediction of a sample that was acquired now.
   *
   * @param nowMs epoch milliseconds
   */
  predict(nowMs: number): void {
    const seconds = (nowMs - (this.#lastMs ?? nowMs)) / 1000;
    this.#lastMs = nowMs;
    if (this.#random.uniform() < seconds / meanBoutSeconds) {
      this.#isRunning = !this.#isRunning;
    }
    const distance = this.#random.between(0.0001, 0.05);
    this.#row[0] = this.#isRunning ? 1 - distance : distance;
    this.#seq += 1;
    this.#policy.output(nowMs, this.#seq, this.#row, 0, true);
  }

  /** The value of `now`; undefined where nothing new came since the last call. */
  takeNow(): string | undefined {
    return this.#policy.takeNow();
  }
}
