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

export interface PassOptions {
  readonly recordings: readonly Recording[];
  /** Readings of a row, and the features that are made of them. */
  readonly readings: number;
  readonly features: number;
  readonly fields: RowFields;
  readonly parts: FeatureParts;
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
  /** It holds a row that goes through a chain. */
  readonly #bounded: Float32Array;
  #filled = 0;
  /** True when the samples of the block are so near to the beginning that filters have not settled. */
  #isSettling = false;
  #labels = new SeriesSketch();

  constructor(options: PassOptions) {
    const { features, labeller } = options;
    this.#options = options;
    this.#bounded = new Float32Array(options.readings);
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
    let samples = 0;
    for await (const row of readRows(path, readings, {
      ...fields,
      texts: labeller.columns,
      onUnreadHeader: this.#tellHeader,
    })) {
      if (!this.#take(row, path)) {
        continue;
      }
      samples += 1;
      if (this.#filled === blockSamples) {
        this.#step();
        onBytes(row.bytesRead);
      }
    }
    this.#step();
    if (samples === 0) {
      throw new LstmdError('sensor.input', `${path}: holds no sample`);
    }
    return samples;
  }

  /** Adds a row to the block; false for one out of bounds. */
  #take(row: RecordedRow, path: string): boolean {
    const { features, parts, labeller } = this.#options;
    const { conditioner, chain } = parts;
    const isSettling = (chain?.unsettledSamples ?? 0) > 0;
    if (isSettling !== this.#isSettling) {
      this.#step();
      this.#isSettling = isSettling;
    }
    const { values, labels, targets, targetCount } = this.#block;
    const offset = this.#filled * features;
    const { outOfRange } = conditioner.counters;
    const isGood =
      chain === undefined
        ? conditioner.apply(row.values, 0, values, offset)
        : conditioner.apply(row.values, 0, this.#bounded, 0) &&
          chain.apply(this.#bounded, 0, values, offset);
    if (!isGood && conditioner.counters.outOfRange === outOfRange) {
      throw new LstmdError(
        'sensor.input',
        `${path}, line ${row.line}: not finite after scale, mean and std`,
      );
    }
    if (!isGood) {
      return false;
    }
    for (const [feature, distribution] of this.#features.entries()) {
      distribution.add(values[offset + feature] ?? Number.NaN);
    }
    const label = labeller.label(row, targets, this.#filled * targetCount);
    labels[this.#filled] = label;
    this.#labels.add(label === noLabel ? Number.NaN : label);
    this.#filled += 1;
    return true;
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
