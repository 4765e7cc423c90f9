import { StepFlag } from '../../../engine/program/engine.js';
import type { Stepper } from '../../../engine/stepper.js';
import { WindowLabel, type LabelRule } from '../../../evaluation/window-label.js';
import type { SampleBlock } from '../../../sensor/sample-block.js';
import type { Judge } from './judge.js';

/** A block of samples with the class of each. */
export interface LabelledBlock extends SampleBlock {
  /** A class from 0, or `noLabel`; may be longer than `count`. */
  readonly labels: Int32Array;
}

/** The recordings in one mode: each a stream of its own, whose outputs go to those who judge them. */
export class ModeRun {
  readonly #stepper: Stepper;
  readonly #windowLabel: WindowLabel;
  readonly #judges: readonly Judge[];
  /** Samples since the state was zeros, modulo the window in `sequence`. */
  #phase = 0;
  #resets = 0;

  constructor(stepper: Stepper, rule: LabelRule, judges: readonly Judge[]) {
    this.#stepper = stepper;
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
    const { mode, window, outputSize } = this.#stepper.program;
    const { count, output, flags } = this.#stepper.step(block);
    for (let n = 0; n < count; n += 1) {
      const flag = flags[n] ?? 0;
      if (mode === 'sequence' && this.#phase === 0) {
        this.#windowLabel.reset();
      }
      this.#windowLabel.push(block.labels[n] ?? 0);
      this.#phase = (this.#phase + 1) % window;
      const hasOutput = (flag & StepFlag.output) !== 0;
      for (const judge of this.#judges) {
        if (hasOutput) {
          const isWarm = (flag & StepFlag.warm) !== 0 && block.isSettling !== true;
          judge.output(output, n * outputSize, isWarm, this.#windowLabel.label);
        } else {
          judge.noOutput();
        }
      }
      if ((flag & StepFlag.reset) !== 0) {
        this.#resets += 1;
        this.#forget();
      }
    }
  }

  #forget(): void {
    this.#phase = 0;
    this.#windowLabel.reset();
  }
}
