import type { Log } from '../base/log.js';
import { RepeatedLine } from '../base/repeated-line.js';
import { StepFlag, warmOutput } from '../engine/program/engine.js';
import { stateHeaderSize } from '../engine/program/program.js';
import type { StepResult } from '../engine/stepper.js';
import { PayloadWriter } from '../publish/prediction/payload.js';
import { PublishPolicy } from '../publish/prediction/policy.js';
import type { Qos, StreamRecord } from '../publish/prediction/record.js';
import type { Gap, GapReason, SampleBlock, SampleSink } from '../sensor/sample-block.js';
import type { DriftChange } from '../drift/drift-verdict.js';
import type { StreamConfig } from './config-schema.js';
import { DriftWatch, type DriftHealth } from './drift-watch.js';
import { FeatureWatch } from './feature-watch.js';
import type { PreparedStream } from './prepared-stream.js';
import type { StreamObserver } from './stream-observer.js';

export interface StreamStepsOptions {
  readonly prepared: PreparedStream;
  /** Number of this process' life. */
  readonly boot: number;
  readonly qos: Qos;
  /** Takes each record of the stream. */
  readonly emit: (record: StreamRecord) => void;
  readonly log: Log;
  /** Is told when the state was reset because samples were missing for too long. */
  readonly onForget?: () => void;
}

/** The name of the event that says that a model no longer sees what it was made for. */
const driftEvent = 'modelDrift';

/** A stream from its samples to its records: the stepper and the policy. It knows no sensor, disk or broker. */
export class StreamSteps implements SampleSink {
  readonly counters = { steps: 0, gapResets: 0, exploded: 0, refused: 0 };
  /** Sees every block, gap and record; undefined for none. */
  observer: StreamObserver | undefined;

  readonly #options: StreamStepsOptions;
  readonly #policy: PublishPolicy;
  readonly #features: FeatureWatch;
  readonly #drift: DriftWatch;
  readonly #payload: PayloadWriter;
  readonly #lines: Readonly<Record<'gapReset' | 'exploded' | 'refused', RepeatedLine>>;

  constructor(options: StreamStepsOptions) {
    const { prepared, boot, qos, log } = options;
    const { name, config, expected, stepper, heads, samples, events } = prepared;
    this.#options = options;
    this.#features = new FeatureWatch(expected, config, log);
    this.#drift = new DriftWatch(prepared);
    this.#payload = new PayloadWriter(boot, heads);
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
      outputSize: stepper.program.outputSize,
      heads,
      samples,
      payload: this.#payload,
      gate: prepared.gate,
      batch: batchOf(config.publish, boot),
      events,
      emit: (record) => this.#emit(record),
    });
  }

  /** The stream as it was prepared, with its model. */
  get prepared(): PreparedStream {
    return this.#options.prepared;
  }

  /** Returns what was published so far. */
  get published(): PublishPolicy['stats'] {
    return this.#policy.stats;
  }

  /** Tells whether features and outputs are still as the model expects. */
  get drift(): DriftHealth {
    return this.#drift.health;
  }

  /** The last prediction and the state of each event, as JSON; undefined where no record came since the last call. */
  takeNow(): string | undefined {
    return this.#policy.takeNow();
  }

  /** Goes on from a state that has seen so many samples. */
  restore(state: Float32Array, sampleCount: number): void {
    const { stepper } = this.#options.prepared;
    stepper.restore(state, sampleCount);
    if (stepper.program.wholeWindow) {
      // Its lane is the window as the model sees it, so that scores go on as if nothing had been between.
      this.#policy.restoreSamples(stepper.state.subarray(stateHeaderSize));
    }
  }

  /** Steps a block of samples, and gives the outputs to the policy. */
  block(block: SampleBlock): void {
    const { stepper } = this.#options.prepared;
    const { observer } = this;
    const beganMs = observer === undefined ? 0 : performance.now();
    const result = stepper.step(block);
    this.stepped(block, result, observer === undefined ? 0 : performance.now() - beganMs);
  }

  /** Gives the outputs of a block that the stepper has stepped to the policy. */
  stepped(block: SampleBlock, result: StepResult, stepMs: number): void {
    const { stepper } = this.#options.prepared;
    this.#features.add(block);
    const { count, output, flags } = result;
    const { outputSize, plan } = stepper.program;
    const { takesSamples } = this.#policy;
    for (let n = 0; n < count; n += 1) {
      const { closedFor } = this.#policy;
      if (closedFor > 1) {
        const run = outputsFrom(flags, n, Math.min(count, n + closedFor));
        n += this.#policy.passBy(output, n * outputSize, run, block.timeMs, n);
        if (n === count) {
          break;
        }
      }
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
    this.counters.steps += count;
    const last = count - 1;
    const isWarm = ((flags[last] ?? 0) & warmOutput) === warmOutput;
    const change = this.#drift.add(block, isWarm);
    if (change !== undefined) {
      this.#tellDrift(change, block.timeMs[last] ?? 0, block.firstSeq + last);
    }
    this.observer?.stepped(block, result, stepMs);
  }

  /** Steps a block without a word of it: nothing is published or counted, and heads keep the samples that they compare with. */
  rehearse(block: SampleBlock): StepResult {
    const { stepper } = this.#options.prepared;
    const result = stepper.step(block);
    if (this.#policy.takesSamples) {
      for (let n = 0; n < block.count; n += 1) {
        if (((result.flags[n] ?? 0) & StepFlag.refused) === 0) {
          this.#policy.sample(block.values, n * stepper.program.plan.features, false);
        }
      }
    }
    return result;
  }

  /** Samples did not arrive at a rehearsal: a long gap resets the state, as it would otherwise. */
  rehearseGap({ lengthMs, filled }: Pick<Gap, 'lengthMs' | 'filled'>): void {
    this.#policy.interrupt();
    if (filled === 0 && this.#isTooLong(lengthMs)) {
      this.#options.prepared.stepper.reset();
    }
  }

  /** Goes on with the counts of the steps that were before, and with what these have yet to tell. */
  follow(before: StreamSteps): void {
    before.flush();
    Object.assign(this.counters, before.counters);
    this.#policy.follow(before.#policy);
  }

  /** Samples did not arrive: the next prediction tells it, and a long gap may reset the state. */
  gap(gap: Gap): void {
    const { lengthMs, reason, filled } = gap;
    this.observer?.gap(gap);
    this.missing(lengthMs, filled);
    if (filled === 0) {
      this.forgetAfter(lengthMs, reason);
    }
  }

  /** Has the next prediction tell that samples are missing before it; null where nobody knows for how long. */
  missing(lengthMs: number | null, filled = 0): void {
    this.#policy.gap(lengthMs, filled);
  }

  /** Resets the state where `state.onGap` says so for a gap of this length. */
  forgetAfter(lengthMs: number, reason: GapReason | 'restarted'): void {
    if (!this.#isTooLong(lengthMs)) {
      return;
    }
    this.forget();
    this.#lines.gapReset.say(
      { gapMs: Number.isFinite(lengthMs) ? Math.round(lengthMs) : 'unknown', reason },
      'the state was reset: samples were missing for longer than state.onGap.maxMs',
    );
  }

  /** Resets the state because somebody asked for it. */
  reset(): void {
    this.#options.prepared.stepper.reset();
    this.#policy.interrupt();
    this.#options.onForget?.();
  }

  /** Resets the state, because of what was missing. */
  forget(): void {
    this.#options.prepared.stepper.reset();
    this.counters.gapResets += 1;
    this.#options.onForget?.();
  }

  /** Gives the predictions that wait, and says what was only counted so far. */
  flush(): void {
    this.#policy.flush();
    this.#features.flush();
    for (const line of Object.values(this.#lines)) {
      line.flush();
    }
  }

  /** Says that the model has begun, or ceased, to see other data than it was made for: in the log, and as an event. */
  #tellDrift({ state, worst }: DriftChange, timeMs: number, seq: number): void {
    const { name: stream, config } = this.#options.prepared;
    const { kind, name, stabilityIndex, outOfRange } = worst;
    const { stabilityIndex: limit } = config.model.drift;
    const isIndex = (stabilityIndex ?? 0) > limit || outOfRange === null;
    const value = (isIndex ? stabilityIndex : outOfRange) ?? 0;
    const of = kind === 'entropy' ? kind : `${kind} ${name}`;
    this.#options.log.warn(
      { state, of, stabilityIndex, outOfRange },
      state === 'on'
        ? `the model drifts: ${of} is no longer as expected (${isIndex ? 'population stability index' : 'share out of range'} ${value}); docs/monitoring.md says what may be done`
        : 'the model drifts no more',
    );
    const payload = this.#payload.event(timeMs, seq, { event: driftEvent }, state, value);
    const members = `"of":${JSON.stringify(of)},"measure":"${isIndex ? 'stabilityIndex' : 'outOfRange'}"`;
    this.#emit({
      stream,
      kind: 'event',
      payload: `${payload.slice(0, -1)},${members}}`,
      qos: this.#options.qos,
    });
  }

  #isTooLong(lengthMs: number): boolean {
    const { maxMs, then } = this.#options.prepared.config.state.onGap;
    return lengthMs > maxMs && then !== 'keep';
  }

  #emit(record: StreamRecord): void {
    this.#options.emit(record);
    this.observer?.record(record);
  }

  /** Counts and logs a sample that gave no output because of what was wrong with it or with the state. */
  #report(flag: number, seq: number): void {
    if ((flag & StepFlag.reset) !== 0) {
      this.counters.exploded += 1;
      this.#lines.exploded.say(
        { seq },
        'the state exploded or was not finite: it was reset, nothing was published',
      );
    } else {
      this.counters.refused += 1;
      const { indexFeatures } = this.#options.prepared.plan;
      const ranges = indexFeatures.map(
        ({ feature, below }) => `feature ${feature + 1}: 0 to ${below - 1}`,
      );
      this.#lines.refused.say(
        { seq },
        ranges.length === 0
          ? 'a sample was not finite and was refused'
          : `a sample was refused: not finite, or no whole number in the range of the model's Embedding (${ranges.join(', ')})`,
      );
    }
  }
}

/** Returns how many samples from the first on have an output, up to the first that has none or to `end`. */
function outputsFrom(flags: Uint8Array, first: number, end: number): number {
  let n = first;
  while (n < end && ((flags[n] ?? 0) & StepFlag.output) !== 0) {
    n += 1;
  }
  return n - first;
}

function batchOf({ batch, batchSeconds }: StreamConfig['publish'], boot: number) {
  return batch === 1 ? undefined : { boot, size: batch, maxMs: 1000 * batchSeconds };
}
