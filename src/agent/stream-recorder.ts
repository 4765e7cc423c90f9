import type { LstmdError } from '../base/errors.js';
import { isObject } from '../base/json.js';
import type { Log } from '../base/log.js';
import { packageVersion } from '../base/version.js';
import type { RecordingHeader } from '../recording/entry.js';
import { RecordingWriter } from '../recording/recording-writer.js';
import type { CloseReason, LinkSink } from '../sensor/links/link.js';
import { ownSection } from '../sensor/links/registry.js';
import { FedLink } from '../sensor/links/recording/fed-link.js';
import type { LinkObserver } from '../sensor/links/recording/observed-link.js';
import type { Gap, SampleBlock, SampleSink } from '../sensor/sample-block.js';
import type { Sensor } from '../sensor/sensor.js';
import { HeldTime } from '../sensor/time/held-time.js';
import type { StreamConfig } from './config-schema.js';
import { createSensor, readingConfig } from './sensor-factory.js';

export interface StreamRecorderOptions {
  readonly path: string;
  readonly stream: string;
  readonly config: StreamConfig;
  readonly log: Log;
  /** Is called after each chunk that brought samples. */
  readonly onSamples?: () => void;
  /** Takes why nothing more could be written. */
  readonly onFailure?: (error: LstmdError) => void;
}

/**
 * Records what a link brings: the bytes with the clocks' readings of when they came, and the samples that a decoder
 * of its own reads from them, before units and features.
 */
export class StreamRecorder implements LinkObserver, SampleSink {
  readonly #writer: RecordingWriter;
  readonly #link: FedLink;
  readonly #sensor: Sensor;
  readonly #onSamples: () => void;
  #samples = 0;
  #gaps = 0;

  private constructor(writer: RecordingWriter, { config, log, onSamples }: StreamRecorderOptions) {
    const time = new HeldTime();
    this.#writer = writer;
    this.#link = new FedLink(time);
    this.#sensor = createSensor(readingConfig(config), log, { link: this.#link, time });
    this.#onSamples = onSamples ?? (() => undefined);
    this.#sensor.start(this);
  }

  /**
   * Begins a new file.
   *
   * @throws LstmdError `recording.write` where it exists or cannot be made
   */
  static async begin(options: StreamRecorderOptions): Promise<StreamRecorder> {
    const { path, stream, config, onFailure } = options;
    const header: RecordingHeader = {
      version: packageVersion(),
      startedMs: Date.now(),
      stream,
      axes: config.sensor.axes,
      sensor: sectionOf(config),
    };
    const writer = await RecordingWriter.create(path, header, { ...(onFailure && { onFailure }) });
    return new StreamRecorder(writer, options);
  }

  get samples(): number {
    return this.#samples;
  }

  get gaps(): number {
    return this.#gaps;
  }

  /** Samples a second of late; null until that is known. */
  get measuredHz(): number | null {
    return this.#sensor.measuredHz;
  }

  get connected(): boolean {
    return this.#sensor.connected;
  }

  /** Bytes that the sensor sent. */
  get received(): number {
    return this.#link.counters.bytes;
  }

  /** Bytes of the file so far. */
  get fileBytes(): number {
    return this.#writer.bytes;
  }

  /** Takes a link's bytes where nobody else does. */
  get sink(): LinkSink {
    return {
      opened: (path) => this.opened(path, performance.now()),
      bytes: (chunk, arrivalMs) => this.bytes(chunk, arrivalMs, Date.now()),
      closed: (reason) => this.closed(reason, performance.now()),
      unavailable: (message) => this.#link.unavailable(message),
    };
  }

  opened(path: string, atMs: number): void {
    this.#writer.write({ kind: 'opened', path, atMs });
    this.#link.opened(path, atMs);
  }

  /** @returns whether a row ended in the bytes */
  bytes(bytes: Uint8Array, atMs: number, epochMs: number): boolean {
    this.#writer.write({ kind: 'bytes', bytes, atMs, epochMs });
    const before = this.#samples;
    const hasRow = this.#link.bytes(bytes, atMs, epochMs);
    if (this.#samples > before) {
      this.#onSamples();
    }
    return hasRow;
  }

  asked(atMs: number): void {
    this.#writer.write({ kind: 'asked', atMs });
    this.#link.asked(atMs);
  }

  gaveUp(atMs: number, epochMs: number): void {
    this.#writer.write({ kind: 'gaveUp', atMs, epochMs });
    this.#link.gaveUp(atMs, epochMs);
  }

  closed(reason: CloseReason, atMs: number): void {
    this.#writer.write({ kind: 'closed', reason, atMs });
    this.#link.closed(reason);
  }

  /** Samples have this label from here on; null is none. */
  label(label: string | null): void {
    this.#writer.write({ kind: 'label', label, atMs: performance.now() });
  }

  block({ count, timeMs, values }: SampleBlock): void {
    this.#samples += count;
    this.#writer.write({ kind: 'samples', count, timeMs, values });
  }

  gap({ lengthMs, reason }: Gap): void {
    this.#gaps += 1;
    this.#writer.write({ kind: 'gap', lengthMs, reason });
  }

  /**
   * Ends the file; comes after the link was stopped.
   *
   * @throws LstmdError `recording.write` when something could not be written
   */
  async end(): Promise<void> {
    await this.#sensor.stop();
    await this.#writer.end(performance.now());
  }
}

/** The `sensor` section as JSON has it, and as a configuration could. */
function sectionOf({ sensor }: StreamConfig): RecordingHeader['sensor'] {
  const section: unknown = JSON.parse(JSON.stringify(ownSection(sensor)));
  return isObject(section) ? section : {};
}
