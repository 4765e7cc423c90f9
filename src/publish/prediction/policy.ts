import type { OutputEventRule } from './event-rules.js';
import type { PayloadWriter } from './payload.js';
import type { Qos, RecordKind, StreamRecord } from './record.js';

export interface PolicyOptions {
  /** Name of the stream. */
  readonly stream: string;
  readonly qos: Qos;
  /** Outputs of the model. */
  readonly outputSize: number;
  readonly payload: PayloadWriter;
  /** Publish the first output and every n-th after it. */
  readonly every: number;
  readonly events: readonly OutputEventRule[];
  /** Takes each record. */
  readonly emit: (record: StreamRecord) => void;
}

/** Counts since the start. */
export interface PolicyStats {
  /** Outputs that came in. */
  readonly outputs: number;
  /** Records of predictions. */
  readonly predictions: number;
  /** Records of events. */
  readonly events: number;
  /** Outputs with NaN or infinity in them, which are not published. */
  readonly notFinite: number;
}

interface WatchedEvent {
  readonly rule: OutputEventRule;
  /** Undefined before the first warm output. */
  state: 'on' | 'off' | undefined;
}

/** Decides which of a stream's outputs become records. */
export class PublishPolicy {
  readonly #options: PolicyOptions;
  readonly #events: readonly WatchedEvent[];
  #outputs = 0;
  #predictions = 0;
  #eventCount = 0;
  #notFinite = 0;
  /** Length of the gaps that no prediction has told of yet, milliseconds; null where nobody knows it. */
  #gapMs: number | null = 0;

  constructor(options: PolicyOptions) {
    this.#options = options;
    this.#events = options.events.map((rule) => ({ rule, state: undefined }));
  }

  /**
   * Takes one output.
   *
   * @param timeMs when its sample was acquired, epoch milliseconds
   * @param seq number of the sample in this boot
   * @param rows outputs; this one begins at `offset`
   * @param warm whether it counts for events
   */
  output(timeMs: number, seq: number, rows: Float32Array, offset: number, warm: boolean): void {
    const { payload, every, outputSize } = this.#options;
    for (let i = 0; i < outputSize; i += 1) {
      if (!Number.isFinite(rows[offset + i])) {
        this.#notFinite += 1;
        return;
      }
    }
    if (this.#outputs % every === 0) {
      this.#emit('prediction', payload.prediction(timeMs, seq, rows, offset, warm, this.#gapMs));
      this.#predictions += 1;
      this.#gapMs = 0;
    }
    this.#outputs += 1;
    if (!warm) {
      return;
    }
    for (const event of this.#events) {
      const { label, on, off, output } = event.rule;
      const p = rows[offset + output] ?? 0;
      // The first warm output tells the state of each label, for a subscriber may remember
      // another one from before a restart.
      const state = p >= on ? 'on' : p <= off ? 'off' : (event.state ?? 'off');
      if (state === event.state) {
        continue;
      }
      event.state = state;
      this.#eventCount += 1;
      this.#emit('event', payload.event(timeMs, seq, label, state, p));
    }
  }

  /** Samples are missing here: the next prediction tells for how long, or with null that nobody knows. */
  gap(lengthMs: number | null): void {
    this.#gapMs = lengthMs === null || this.#gapMs === null ? null : this.#gapMs + lengthMs;
  }

  get stats(): PolicyStats {
    return {
      outputs: this.#outputs + this.#notFinite,
      predictions: this.#predictions,
      events: this.#eventCount,
      notFinite: this.#notFinite,
    };
  }

  #emit(kind: RecordKind, payload: string): void {
    const { stream, qos, emit } = this.#options;
    emit({ stream, kind, payload, qos });
  }
}
