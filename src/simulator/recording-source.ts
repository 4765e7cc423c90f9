import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { CsvDecoder } from '../sensor/decoders/csv-decoder.js';
import type { CsvOptions } from '../sensor/decoders/csv-options.js';
import { LstmdError, reasonOf } from '../base/errors.js';
import type { SampleSource } from './sample-source.js';

/** One file, read. */
interface Recording {
  readonly label: string | null;
  /** Its rows one after the other, `axes` readings each. */
  readonly values: Float32Array;
}

export interface RecordingOptions extends CsvOptions {
  /** Begin again after the last row. */
  readonly loop?: boolean | undefined;
}

/** Plays rows of CSV recordings one after the other. */
export class RecordingSource implements SampleSource {
  readonly axes: number;
  /** How many rows there are in all recordings together. */
  readonly rows: number;
  readonly #recordings: readonly Recording[];
  readonly #loop: boolean;
  /** Index of the recording that the next row is taken from. */
  #recording = 0;
  /** Index in its `values` at which that row begins. */
  #offset = 0;
  #label: string | null = null;

  private constructor(axes: number, recordings: readonly Recording[], loop: boolean) {
    this.axes = axes;
    this.#recordings = recordings;
    this.#loop = loop;
    this.rows = recordings.reduce((sum, { values }) => sum + values.length / axes, 0);
  }

  /**
   * Reads recordings into memory.
   *
   * @param paths files, and folders whose `.csv` files are taken in the order of their names; a
   *   folder within such a folder is the label of what it holds
   * @throws LstmdError `sensor.input` when one cannot be read or holds a line that is no row
   */
  static async load(paths: readonly string[], options: RecordingOptions): Promise<RecordingSource> {
    const recordings: Recording[] = [];
    for (const path of paths) {
      for (const [file, label] of await filesOf(path)) {
        recordings.push({ label, values: decode(file, await read(file), options) });
      }
    }
    if (recordings.length === 0) {
      throw new LstmdError('sensor.input', `no recording (.csv) in ${paths.join(', ')}`);
    }
    return new RecordingSource(options.axes.length, recordings, options.loop ?? false);
  }

  get label(): string | null {
    return this.#label;
  }

  next(out: Float32Array): boolean {
    if (this.#recording === this.#recordings.length && this.#loop) {
      this.#recording = 0;
    }
    const recording = this.#recordings[this.#recording];
    if (recording === undefined) {
      return false;
    }
    out.set(recording.values.subarray(this.#offset, this.#offset + this.axes));
    this.#label = recording.label;
    this.#offset += this.axes;
    if (this.#offset === recording.values.length) {
      this.#offset = 0;
      this.#recording += 1;
    }
    return true;
  }
}

async function filesOf(path: string): Promise<[file: string, label: string | null][]> {
  try {
    if (!(await stat(path)).isDirectory()) {
      return [[path, null]];
    }
    const names = await readdir(path, { recursive: true });
    return names
      .filter((name) => name.endsWith('.csv'))
      .sort()
      .map((name) => {
        const folder = dirname(relative(path, join(path, name)));
        return [join(path, name), folder === '.' ? null : basename(folder)];
      });
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(path: string, cause: unknown): LstmdError {
  return new LstmdError('sensor.input', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
}

function decode(file: string, bytes: Uint8Array, options: CsvOptions): Float32Array {
  const decoder = new CsvDecoder(options);
  const runs: Float32Array[] = [];
  const sink = {
    rows: (values: Float32Array, count: number) => {
      runs.push(values.slice(0, count * decoder.axes));
    },
    lost: () => {
      throw new LstmdError('sensor.input', `${file}: ${decoder.rejection}`);
    },
  };
  decoder.push(bytes, sink);
  // The last line may have no newline.
  decoder.push(Uint8Array.of(0x0a), sink);
  if (decoder.counters.rows === 0) {
    throw new LstmdError('sensor.input', `${file}: holds no row`);
  }
  const values = new Float32Array(decoder.counters.rows * decoder.axes);
  let offset = 0;
  for (const run of runs) {
    values.set(run, offset);
    offset += run.length;
  }
  return values;
}
