import type { LabelRule } from '../../evaluation/window-label.js';
import type { Mode } from '../../model/plan/stream-plan.js';
import type { Task } from '../../model/plan/task.js';
import type { FeatureFlags } from '../terminal/feature-options.js';
import type { InputFlags } from '../terminal/input-flags.js';
import type { SteppingOptions } from '../terminal/options.js';

/** The flags of `lstmd evaluate`; those of the model and of its features are in place of a configuration's. */
export interface EvaluateOptions
  extends FeatureFlags, InputFlags, Partial<Omit<SteppingOptions, 'mode'>> {
  readonly config?: string;
  readonly stream?: string;
  readonly rate?: number;
  readonly data: readonly string[];
  readonly labels?: string;
  readonly classes?: string[];
  readonly positive?: string;
  readonly normal?: string;
  readonly task?: Task;
  readonly map: ReadonlyMap<string, string>;
  readonly ignore: readonly string[];
  readonly labelsAt: LabelRule;
  readonly head?: string;
  readonly mode?: Mode;
  readonly warmupSamples?: number;
  readonly far: number;
  readonly json?: boolean;
  readonly html?: string;
  readonly referenceOut?: string;
}
