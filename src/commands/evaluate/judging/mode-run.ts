import { StepFlag } from '../../../engine/program/engine.js';
import type { Stepper } from '../../../engine/stepper.js';
import { WindowLabel, type LabelRule } from '../../../evaluation/window-label.js';
import type { SampleBlock } from '../../../sensor/sample-block.js';
import { ForecastHead } from '../../../publish/prediction/heads/forecast-head.js';
import type { Head } from '../../../publish/prediction/heads/head.js';
import type { SampleWindow } from '../../../publish/prediction/heads/sample-window.js';
import type { Judge, Targets } from './judge.js';

/** A block of samples with the class of each. */
export interface LabelledBlock extends SampleBlock {
  /** A class from 0, or `noLabel`; may be longer than `count`. */
  readonly labels: Int32Array;
  /** `count x targetCount`, row-major: what each value should be, NaN where nobody knows. */
  readonly targets: Float64Array;
  readonly targetCount: number;
}

/** Holds what a stream publishes of its outputs, and the samples that it compares them with. */
export interface PublishedHeads {
  readonly heads: readonly Head[];
  readonly samples: SampleWindow | undefined;
}

/** The recordings in one mode: each a stream of its own, whose outputs go to those who judge them. */
export class ModeRun {
  readonly #stepper: Stepper;
  readonly #windowLabel: WindowLabel;
  readonly #judges: readonly Judge[];
  readonly #published: PublishedHeads;
  readonly #forecasts: readonly ForecastHead[];
  /** Samples since the state was zeros, modulo the window in `sequence`. */
  #phase = 0;
  #resets = 0;

  constructor(
    stepper: Stepper,
    rule: LabelRule,
    published: PublishedHeads,
    judges: readonly Judge[],
  ) {
    this.#stepper = stepper;
    this.#published = published;
    this.#forecasts = published.heads.filter((head) => head instanceof ForecastHead);
    this.#judges = judges;
    this.#windowLabel = new WindowLabel(rule, stepper.program.window);
  }

  /** How often the state exploded and was reset. */
  get resets(): number {
    return this.#resets;
  }

  begin(recording: number): void {
    this.#stepper.reset();
    this.#forget();
    for (const judge of this.#judges) {
      judge.begin(recording);
    }
  }

  step(block: LabelledBlock): void {
    const { outputSize } = this.#stepper.program;
    const { count, output, flags } = this.#stepper.step(block);
    for (let n = 0; n < count; n += 1) {
      const flag = flags[n] ?? 0;
      const hasOutput = (flag & StepFlag.output) !== 0;
      this.#takeLabel(block.labels[n] ?? 0);
      if ((flag & StepFlag.refused) === 0) {
        this.#takeSample(block, n, hasOutput);
      }
      if (hasOutput) {
        const isWarm = (flag & StepFlag.warm) !== 0 && block.isSettling !== true;
        this.#output(output, n * outputSize, isWarm, {
          values: block.targets,
          at: n * block.targetCount,
        });
      } else {
        for (const judge of this.#judges) {
          judge.noOutput();
        }
      }
      if ((flag & StepFlag.reset) !== 0) {
        this.#resets += 1;
        this.#forget();
      }
    }
  }

  #takeLabel(label: number): void {
    const { mode, window } = this.#stepper.program;
    if (mode === 'sequence' && this.#phase === 0) {
      this.#windowLabel.reset();
    }
    this.#windowLabel.push(label);
    this.#phase = (this.#phase + 1) % window;
  }

  /** As the daemon does, so that scores and errors are its own. */
  #takeSample(block: LabelledBlock, n: number, hasOutput: boolean): void {
    this.#published.samples?.push(block.values, n * block.features);
    for (const head of this.#forecasts) {
      head.sample(hasOutput);
    }
  }

  #output(rows: Float32Array, offset: number, isWarm: boolean, targets: Targets): void {
    for (const head of this.#published.heads) {
      head.row(rows, offset, 0, isWarm);
    }
    for (const judge of this.#judges) {
      judge.output(rows, offset, isWarm, this.#windowLabel.label, targets);
    }
  }

  #forget(): void {
    for (const head of this.#forecasts) {
      head.interrupt();
    }
    this.#phase = 0;
    this.#windowLabel.reset();
  }
}
