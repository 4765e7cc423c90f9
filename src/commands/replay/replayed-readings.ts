import type { StreamConfig } from '../../agent/config-schema.js';
import { createSensor, readingConfig } from '../../agent/sensor-factory.js';
import { floatText } from '../../base/float-text.js';
import type { Log } from '../../base/log.js';
import { csvField } from '../../recording/csv-export.js';
import type { RecordingEntry, RecordedSamples } from '../../recording/entry.js';
import { FedLink } from '../../sensor/links/recording/fed-link.js';
import { feed } from '../../sensor/links/recording/pace.js';
import type { Gap, SampleBlock, SampleSink } from '../../sensor/sample-block.js';
import type { Sensor } from '../../sensor/sensor.js';
import { HeldTime } from '../../sensor/time/held-time.js';

/** The samples that a recording's bytes give once more, as text: times and readings in the digits that give them back. */
export class ReplayedReadings implements SampleSink {
  readonly #axes: readonly string[];
  readonly #link: FedLink;
  readonly #sensor: Sensor;
  /** Samples and gaps that were replayed and are not yet taken. */
  #replayed: string[] = [];
  #label = '';
  #difference: string | undefined;
  samples = 0;

  constructor(config: StreamConfig, log: Log) {
    const time = new HeldTime();
    this.#axes = config.sensor.axes;
    this.#link = new FedLink(time);
    this.#sensor = createSensor(readingConfig(config), log, { link: this.#link, time });
    this.#sensor.start(this);
  }

  /** The first line of the CSV. */
  get header(): string {
    return ['time_ms', ...this.#axes, 'label'].map(csvField).join(',');
  }

  /** Replays an entry, and returns a line of CSV for each sample that it gives. */
  take(entry: RecordingEntry): string[] {
    if (entry.kind === 'label') {
      this.#label = csvField(entry.label ?? '');
    }
    feed(this.#link, entry);
    const lines = this.#replayed.filter((text) => !text.startsWith('gap'));
    this.#replayed = [];
    return lines.map((line) => `${line},${this.#label}`);
  }

  /** Replays an entry, or holds what was recorded against what was replayed. */
  compare(entry: RecordingEntry): void {
    if (entry.kind === 'samples') {
      for (const text of sampleTexts(entry, this.#axes.length)) {
        this.#expect(text);
      }
    } else if (entry.kind === 'gap') {
      this.#expect(gapText(entry));
    } else {
      feed(this.#link, entry);
    }
  }

  /**
   * Returns where the replay differs first; undefined where it does not.
   *
   * @param isWhole whether the recording was ended: a cut may have taken samples of the last bytes
   */
  difference(isWhole: boolean): string | undefined {
    const [more] = this.#replayed;
    return (
      this.#difference ?? (isWhole && more !== undefined ? `${more} was not recorded` : undefined)
    );
  }

  stop(): Promise<void> {
    return this.#sensor.stop();
  }

  block({ count, timeMs, values }: SampleBlock): void {
    this.samples += count;
    this.#replayed.push(...sampleTexts({ count, timeMs, values }, this.#axes.length));
  }

  gap(gap: Gap): void {
    this.#replayed.push(gapText(gap));
  }

  #expect(recorded: string): void {
    const replayed = this.#replayed.shift();
    if (replayed !== recorded) {
      this.#difference ??= `recorded ${recorded}, replayed ${replayed ?? 'nothing'}`;
    }
  }
}

function gapText({
  lengthMs,
  reason,
}: {
  readonly lengthMs: number;
  readonly reason: string;
}): string {
  return `gap ${reason} ${lengthMs}`;
}

function sampleTexts(
  { count, timeMs, values }: Omit<RecordedSamples, 'kind'>,
  axes: number,
): string[] {
  return Array.from({ length: count }, (_, n) => {
    const readings = values.subarray(n * axes, (n + 1) * axes);
    return [timeMs[n] ?? 0, ...Array.from(readings, floatText)].join(',');
  });
}
