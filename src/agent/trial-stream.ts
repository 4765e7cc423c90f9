import type { Log } from '../base/log.js';
import type { StreamRecord } from '../publish/prediction/record.js';
import type { Link } from '../sensor/links/link.js';
import type { Gap, SampleBlock, SampleSink } from '../sensor/sample-block.js';
import type { Sensor } from '../sensor/sensor.js';
import type { TimeSource } from '../sensor/time/epoch-clock.js';
import type { PreparedStream } from './prepared-stream.js';
import { createSensor } from './sensor-factory.js';
import { StreamSteps } from './stream-steps.js';

export interface TrialStreamOptions {
  readonly prepared: PreparedStream;
  /** Takes each record that would be published. */
  readonly emit: (record: StreamRecord) => void;
  /** How many samples of a block are still wanted: the rest of it is passed over; default all. */
  readonly admit?: ((count: number) => number) | undefined;
  readonly log: Log;
  /** Says where bytes come from in place of the configured link, and the clocks that they are dated by. */
  readonly link?: Link | undefined;
  readonly time?: TimeSource | undefined;
}

/** Somebody is waiting at the terminal: bytes that are no sample are told of sooner than in a service. */
const unreadMs = 2000;

/**
 * A stream that is only looked at: sensor, model and policy as in a daemon, from a fresh state, with no state
 * saved, no lock and no broker. Its boot is 0, which no daemon has.
 */
export class TrialStream implements SampleSink {
  readonly name: string;
  readonly prepared: PreparedStream;
  readonly #sensor: Sensor;
  readonly #steps: StreamSteps;
  readonly #admit: (count: number) => number;
  #gaps = 0;
  #missingMs = 0;
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor({ prepared, emit, admit, log, link, time }: TrialStreamOptions) {
    const { config, name } = prepared;
    this.name = name;
    this.prepared = prepared;
    this.#admit = admit ?? ((count) => count);
    this.#sensor = createSensor(config, log, {
      link,
      time,
      unreadMs: Math.max(unreadMs, 5000 / config.sensor.rateHz),
    });
    this.#steps = new StreamSteps({ prepared, boot: 0, qos: 0, emit, log });
  }

  /** Opens the sensor; what it sends is stepped from now on. */
  start(): void {
    this.#sensor.start(this);
  }

  /** Closes the sensor. */
  async stop(): Promise<void> {
    await this.#sensor.stop();
    this.#steps.flush();
  }

  block(block: SampleBlock): void {
    const count = this.#admit(block.count);
    if (count === 0) {
      return;
    }
    this.#firstMs ??= block.timeMs[0];
    this.#lastMs = block.timeMs[count - 1] ?? this.#lastMs;
    this.#steps.block(count === block.count ? block : { ...block, count });
  }

  gap(gap: Gap): void {
    this.#gaps += 1;
    this.#missingMs += gap.lengthMs;
    this.#steps.gap(gap);
  }

  get connected(): boolean {
    return this.#sensor.connected;
  }

  /** Why the sensor could not be opened when that was last tried; undefined where it was. */
  get obstacle(): string | undefined {
    return this.#sensor.obstacle;
  }

  /** Bytes that came so far. */
  get bytes(): number {
    return this.#sensor.counters['link']?.['bytes'] ?? 0;
  }

  get samples(): number {
    return this.#steps.counters.steps;
  }

  get published(): StreamSteps['published'] {
    return this.#steps.published;
  }

  /** How often samples were missing, and for how long together. */
  get gaps(): { readonly count: number; readonly lengthMs: number } {
    return { count: this.#gaps, lengthMs: this.#missingMs };
  }

  /**
   * Samples a second: as the sensor's last window of 5 s has it, else by the times of all samples without the gaps;
   * null before there are two.
   */
  get measuredHz(): number | null {
    const { measuredHz } = this.#sensor;
    const lengthMs = this.#lastMs - (this.#firstMs ?? this.#lastMs) - this.#missingMs;
    const steps = this.samples - 1 - this.#gaps;
    return measuredHz ?? (steps > 0 && lengthMs > 0 ? (1000 * steps) / lengthMs : null);
  }
}
