import type { StreamRecorder } from '../../agent/stream-recorder.js';
import type { LabelKeys } from './label-keys.js';

const everyMs = 500;
/** Into a file or a pipe goes a line now and then, since nothing overwrites it. */
const lineEveryMs = 10_000;

/** Shows on stderr how a recording goes. */
export class RecordProgress {
  readonly #recorder: StreamRecorder;
  readonly #keys: LabelKeys;
  #timer: NodeJS.Timeout | undefined;

  constructor(recorder: StreamRecorder, keys: LabelKeys) {
    this.#recorder = recorder;
    this.#keys = keys;
  }

  get text(): string {
    const { samples, received, gaps, measuredHz, fileBytes } = this.#recorder;
    const rate = measuredHz === null ? '' : `, ${measuredHz.toFixed(1)}/s`;
    const missing = gaps === 0 ? '' : `, ${gaps} gaps`;
    const raw = samples === 0 ? ` of ${received} bytes received` : '';
    return `${samples} samples${raw}${rate}${missing}, label ${this.#keys.label ?? 'none'}, ${Math.ceil(fileBytes / 1024)} KiB`;
  }

  start(): void {
    const { isTTY } = process.stderr;
    this.#timer = setInterval(
      () => process.stderr.write(isTTY ? `\r\u001b[K${this.text}` : `lstmd: ${this.text}\n`),
      isTTY ? everyMs : lineEveryMs,
    );
  }

  stop(): void {
    clearInterval(this.#timer);
    if (process.stderr.isTTY) {
      process.stderr.write('\r\u001b[K');
    }
  }
}
