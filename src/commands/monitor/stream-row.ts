import type { Message, Prediction } from '../../client/messages.js';
import { block } from '../terminal/screen.js';
import { spokenOf, type Spoken } from './spoken.js';

/** Columns of the history, of which each is a second. */
const historyColumns = 24;

/** Keeps what the messages of some device tell of one of its streams. */
export class StreamRow {
  readonly device: string;
  readonly stream: string;
  spoken: Spoken | undefined;
  /** Predictions that came new, and that are known to be missing. */
  received = 0;
  missing = 0;
  /** The events that are on. */
  readonly eventsOn = new Set<string>();
  /** When the newest message came, by this machine's clock. */
  #heardMs: number | undefined;
  #beganMs = performance.now();
  #counted = 0;
  #rateHz: number | undefined;
  readonly #history: (number | undefined)[] = [];

  constructor(device: string, stream: string) {
    this.device = device;
    this.stream = stream;
  }

  take(message: Extract<Message, { stream: string }>): void {
    switch (message.kind) {
      case 'prediction':
        return message.isHistory ? undefined : this.#predicted(message.record);
      case 'now':
        this.spoken ??= spokenOf(message.record);
        for (const [event, state] of Object.entries(message.record.events)) {
          this.#turned(event, state);
        }
        return undefined;
      case 'event':
        return message.isHistory
          ? undefined
          : this.#turned(message.record.label ?? message.record.event ?? '', message.record.state);
      case 'missing':
        this.missing += message.count;
        return undefined;
      case 'info':
      case 'health':
        return undefined;
    }
  }

  /** Ends a column of the history, and measures the rate; called once a second. */
  tick(nowMs = performance.now()): void {
    const seconds = (nowMs - this.#beganMs) / 1000;
    if (seconds > 0) {
      this.#rateHz = (this.received - this.#counted) / seconds;
    }
    this.#beganMs = nowMs;
    this.#counted = this.received;
    this.#history.push(this.#rateHz === 0 ? undefined : this.spoken?.value);
    if (this.#history.length > historyColumns) {
      this.#history.shift();
    }
  }

  /** Predictions a second in the last second; undefined in the first. */
  get rateHz(): number | undefined {
    return this.#rateHz;
  }

  /** Milliseconds since the last prediction; undefined before the first. */
  ageMs(nowMs = performance.now()): number | undefined {
    return this.#heardMs === undefined ? undefined : nowMs - this.#heardMs;
  }

  /** The history as blocks: probabilities by their size, other numbers between the lowest and the highest. */
  get sparkline(): string {
    const known = this.#history.filter((value) => value !== undefined);
    const isProbability = this.spoken?.isProbability === true;
    const low = isProbability ? 0 : Math.min(...known);
    const high = isProbability ? 1 : Math.max(...known);
    return this.#history
      .map((value) =>
        value === undefined ? ' ' : block(high === low ? 0.5 : (value - low) / (high - low)),
      )
      .join('')
      .padStart(historyColumns);
  }

  #predicted(record: Prediction): void {
    this.spoken = spokenOf(record) ?? this.spoken;
    this.received += 1;
    this.#heardMs = performance.now();
  }

  #turned(event: string, state: 'on' | 'off'): void {
    if (state === 'on') {
      this.eventsOn.add(event);
    } else {
      this.eventsOn.delete(event);
    }
  }
}
