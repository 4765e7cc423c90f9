import { printableText } from '../../base/printable-text.js';
import { prepareReport } from '../../engine/engine-report.js';
import { loadModel } from '../../model/load-model.js';
import { inputOptionsOf, orFaultOfFlag } from '../../agent/flagged-inputs.js';
import type { InputFlags } from '../terminal/input-flags.js';
import { describePlan, planText } from './plan-description.js';

export interface InspectOptions extends InputFlags {
  readonly window?: number;
  readonly json?: boolean;
}

/**
 * Prints what a model holds, which modes are exact and what each costs.
 *
 * @throws LstmdError `model.refused` with the layer and the reason, or for a file that cannot be read
 */
export async function inspect(model: string, options: InspectOptions): Promise<void> {
  await prepareReport();
  const given = { window: options.window, ...inputOptionsOf(options, undefined) };
  const plan = await orFaultOfFlag(model, options, () => loadModel(model, given));
  const description = await describePlan(plan, model);
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(description, null, 2)}\n`
      : printableText(planText(description)),
  );
}
