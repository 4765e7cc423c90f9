import { LstmdError } from '../../base/errors.js';
import { Distribution } from '../../evaluation/distribution.js';
import { noLabel } from '../../evaluation/window-label.js';
import { SeriesSketch, type Sketch } from '../../evaluation/series-sketch.js';
import { readRows, type RecordedRow } from '../../rows/row-reader.js';
import type { RowFields } from '../../rows/row-fields.js';
import type { FeatureParts } from '../../agent/feature-parts.js';
import { ProgressBar } from '../terminal/progress-bar.js';
import { tellUnreadHeader } from '../terminal/unread-header.js';
import type { Labeller } from './labels/labeller.js';
import type { LabelledBlock, ModeRun } from './judging/mode-run.js';
import type { Recording } from './recording-list.js';
import { RowResampler, type RowRates } from './row-resampler.js';

export interface PassOptions {
  readonly recordings: readonly Recording[];
  /** Readings of a row, and the features that are made of them. */
  readonly readings: number;
  readonly features: number;
  readonly fields: RowFields;
  readonly parts: FeatureParts;
  /** The rates of rows and samples where they differ; undefined where a row is a sample. */
  readonly rates: RowRates | undefined;
  readonly labeller: Labeller;
  readonly runs: readonly ModeRun[];
}

/** Holds what was read of a recording. */
export interface RecordingRead {
  readonly path: string;
  readonly samples: number;
  /** The class of its samples over time; NaN where one has none. */
  readonly labels: Sketch;
}

/** Holds what a pass over all recordings read. */
export interface PassResult {
  readonly recordings: readonly RecordingRead[];
  readonly samples: number;
  /** Rows whose readings the configuration's bounds refuse: left out, as the daemon does. */
  readonly outOfRange: number;
  readonly features: readonly Distribution[];
}

/** Samples that the engines get at a time. */
const blockSamples = 256;

/** Steps every recording in every mode, in one pass over the files. */
export class RecordingPass {
  readonly #tellHeader = tellUnreadHeader();
  readonly #options: PassOptions;
  readonly #features: readonly Distribution[];
  readonly #block: LabelledBlock;
  /** It holds a row that the conditioner has let through. */
  readonly #bounded: Float32Array;
  /** It holds what the model should give for that row. */
  readonly #targets: Float64Array;
  readonly #resampler: RowResampler | undefined;
  #filled = 0;
  /** Samples of the recording. */
  #samples = 0;
  /** True when the samples of the block are so near to the beginning that filters have not settled. */
  #isSettling = false;
  #labels = new SeriesSketch();

  constructor(options: PassOptions) {
    const { readings, features, labeller, rates } = options;
    this.#options = options;
    this.#bounded = new Float32Array(readings);
    this.#targets = new Float64Array(labeller.targetCount);
    this.#resampler = rates && new RowResampler(readings, labeller.targetCount, rates);
    this.#features = Array.from({ length: features }, () => new Distribution());
    this.#block = {
      count: blockSamples,
      features,
      values: new Float32Array(blockSamples * features),
      timeMs: new Float64Array(blockSamples),
      firstSeq: 1,
      labels: new Int32Array(blockSamples),
      targets: new Float64Array(blockSamples * labeller.targetCount),
      targetCount: labeller.targetCount,
    };
  }

  /** @throws LstmdError `sensor.input` for a row that is none, or a recording without any */
  async run(): Promise<PassResult> {
    const { recordings, parts } = this.#options;
    const bar = new ProgressBar('evaluating');
    const bytes = recordings.reduce((sum, recording) => sum + recording.bytes, 0);
    const read: RecordingRead[] = [];
    let bytesBefore = 0;
    try {
      for (const [index, recording] of recordings.entries()) {
        const { path } = recording;
        const samples = await this.#read(recording, index, (bytesRead) =>
          bar.update(
            (bytesBefore + bytesRead) / bytes,
            `${index + 1} of ${recordings.length}: ${path}`,
          ),
        );
        read.push({ path, samples, labels: this.#labels.sketch });
        bytesBefore += recording.bytes;
      }
    } finally {
      bar.end();
    }
    return {
      recordings: read,
      samples: read.reduce((sum, { samples }) => sum + samples, 0),
      outOfRange: parts.conditioner.counters.outOfRange,
      features: this.#features,
    };
  }

  async #read(
    { path }: Recording,
    index: number,
    onBytes: (bytesRead: number) => void,
  ): Promise<number> {
    const { readings, fields, parts, labeller, runs } = this.#options;
    labeller.begin(path, index);
    parts.chain?.reset();
    this.#labels = new SeriesSketch();
    for (const run of runs) {
      run.begin(index);
    }
    this.#samples = 0;
    this.#resampler?.begin();
    for await (const row of readRows(path, readings, {
      ...fields,
      texts: labeller.columns,
      onUnreadHeader: this.#tellHeader,
    })) {
      this.#take(row, path);
      if (row.line % blockSamples === 0) {
        onBytes(row.bytesRead);
      }
    }
    this.#step();
    if (this.#samples === 0) {
      throw new LstmdError('sensor.input', `${path}: ${this.#emptiness}`);
    }
    return this.#samples;
  }

  get #emptiness(): string {
    const { rates } = this.#options;
    return rates === undefined
      ? 'holds no sample'
      : `holds too few rows to take samples at ${rates.toHz} Hz of those at ${rates.fromHz} Hz`;
  }

  /** Takes a row: a sample, or at another rate what samples it makes known. */
  #take(row: RecordedRow, path: string): void {
    const { conditioner } = this.#options.parts;
    const { outOfRange } = conditioner.counters;
    if (!conditioner.apply(row.values, 0, this.#bounded, 0)) {
      if (conditioner.counters.outOfRange === outOfRange) {
        throw notFinite(row, path);
      }
      this.#resampler?.skip();
      return;
    }
    const label = this.#options.labeller.label(row, this.#targets, 0);
    const resampler = this.#resampler;
    if (resampler === undefined) {
      this.#sample(this.#bounded, 0, label, row, path);
      this.#block.targets.set(this.#targets, (this.#filled - 1) * this.#targets.length);
      return;
    }
    const count = resampler.take(this.#bounded, label, this.#targets);
    for (let n = 0; n < count; n += 1) {
      this.#sample(resampler.values, resampler.offset(n), resampler.labelOf(n), row, path);
      resampler.targetsOf(n, this.#block.targets, (this.#filled - 1) * this.#targets.length);
    }
  }

  /** Adds a sample to the block, which has room for it then. */
  #sample(from: Float32Array, at: number, label: number, row: RecordedRow, path: string): void {
    const { features, parts, readings } = this.#options;
    const { chain } = parts;
    const isSettling = (chain?.unsettledSamples ?? 0) > 0;
    if (isSettling !== this.#isSettling || this.#filled === blockSamples) {
      this.#step();
      this.#isSettling = isSettling;
    }
    const { values, labels } = this.#block;
    const offset = this.#filled * features;
    if (chain === undefined) {
      values.set(from.subarray(at, at + readings), offset);
    } else if (!chain.apply(from, at, values, offset)) {
      throw notFinite(row, path);
    }
    for (const [feature, distribution] of this.#features.entries()) {
      distribution.add(values[offset + feature] ?? Number.NaN);
    }
    labels[this.#filled] = label;
    this.#labels.add(label === noLabel ? Number.NaN : label);
    this.#filled += 1;
    this.#samples += 1;
  }

  #step(): void {
    if (this.#filled === 0) {
      return;
    }
    for (const run of this.#options.runs) {
      run.step({ ...this.#block, count: this.#filled, isSettling: this.#isSettling });
    }
    this.#filled = 0;
  }
}

function notFinite({ line }: RecordedRow, path: string): LstmdError {
  return new LstmdError(
    'sensor.input',
    `${path}, line ${line}: not finite after scale, mean and std`,
  );
}
