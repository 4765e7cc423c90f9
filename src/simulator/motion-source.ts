import { MotionModel, type MotionOptions } from './motion/motion.js';
import type { SampleSource } from './sample-source.js';

/** The motion of a simulated wearer, without an end. */
export class MotionSource implements SampleSource {
  readonly axes = 3;
  readonly #model: MotionModel;

  constructor(options: MotionOptions) {
    this.#model = new MotionModel(options);
  }

  get label(): string {
    return this.#model.activity;
  }

  next(out: Float32Array): boolean {
    this.#model.next(out);
    return true;
  }
}
