import { LstmdError } from '../../base/errors.js';
import type { Labels } from './labels.js';
import type { PayloadWriter } from './payload.js';

/** `on` when the label's probability reaches `on`, `off` when it falls to `off` or below. */
export interface EventRule {
  readonly label: string;
  readonly on: number;
  readonly off: number;
}

export interface PolicyOptions {
  readonly labels: Labels;
  readonly payload: PayloadWriter;
  /** Publish the first output and every n-th after it. */
  readonly every: number;
  readonly events: readonly EventRule[];
  /** Takes the JSON of a prediction or an event to its topic. */
  readonly emit: (kind: 'prediction' | 'event', payload: string) => void;
}

export interface PolicyStats {
  /** Outputs that came in. */
  readonly outputs: number;
  readonly predictions: number;
  readonly events: number;
  /** Outputs with NaN or Inf in them, which are not published. */
  readonly notFinite: number;
}

interface Hysteresis extends EventRule {
  readonly output: number;
  state: 'on' | 'off' | undefined;
}

/** Decides which of a stream's outputs become records. */
export class PublishPolicy {
  readonly #options: PolicyOptions;
  readonly #events: readonly Hysteresis[];
  #outputs = 0;
  #predictions = 0;
  #eventCount = 0;
  #notFinite = 0;
  #gapMs = 0;

  /** @throws LstmdError `config.invalid` naming an event whose label or thresholds do not fit */
  constructor(options: PolicyOptions) {
    this.#options = options;
    this.#events = options.events.map((rule) => {
      const output = options.labels.outputs.indexOf(rule.label);
      if (output < 0) {
        throw new LstmdError(
          'config.invalid',
          `publish.events: "${rule.label}" is no output of the model, which has ${options.labels.outputs.join(', ')}`,
        );
      }
      if (!(rule.off <= rule.on)) {
        throw new LstmdError(
          'config.invalid',
          `publish.events: "${rule.label}": off (${rule.off}) must not be above on (${rule.on})`,
        );
      }
      return { label: rule.label, on: rule.on, off: rule.off, output, state: undefined };
    });
  }

  /**
   * Takes one output.
   *
   * @param timeMs acquisition time of its sample, epoch milliseconds
   * @param seq number of the sample in this boot
   * @param rows outputs, this one from `offset` on
   */
  output(timeMs: number, seq: number, rows: Float32Array, offset: number, warm: boolean): void {
    const { labels, payload, every, emit } = this.#options;
    for (let i = 0; i < labels.outputs.length; i += 1) {
      if (!Number.isFinite(rows[offset + i])) {
        this.#notFinite += 1;
        return;
      }
    }
    if (this.#outputs % every === 0) {
      emit('prediction', payload.prediction(timeMs, seq, rows, offset, warm, this.#gapMs));
      this.#predictions += 1;
      this.#gapMs = 0;
    }
    this.#outputs += 1;
    if (!warm) {
      return;
    }
    for (const event of this.#events) {
      const p = rows[offset + event.output] ?? 0;
      // The first warm output says where each label stands, for a subscriber may remember
      // another state from before a restart.
      const state = p >= event.on ? 'on' : p <= event.off ? 'off' : (event.state ?? 'off');
      if (state === event.state) {
        continue;
      }
      event.state = state;
      this.#eventCount += 1;
      emit('event', payload.event(timeMs, seq, event.label, state, p));
    }
  }

  /** Samples are missing here; the next prediction says so. */
  gap(lengthMs: number): void {
    this.#gapMs += lengthMs;
  }

  get stats(): PolicyStats {
    return {
      outputs: this.#outputs + this.#notFinite,
      predictions: this.#predictions,
      events: this.#eventCount,
      notFinite: this.#notFinite,
    };
  }
}
