import { LstmdError } from '../base/errors.js';
import { readModel } from '../model/load-model.js';
import type { OutputPart, StreamPlan } from '../model/plan/stream-plan.js';
import type { StreamConfig } from './config-schema.js';
import { inputOptions } from './input-options.js';

/** The plans of a model file in one window, each made when it is first asked for. */
export type ModelPlans = (outputs: OutputPart) => StreamPlan;

/** Holds the parts that streams share which have the same weights in memory. */
export function fileKeyOf({ file, window }: StreamConfig['model']): string {
  return JSON.stringify([file, window]);
}

function keyOf(config: StreamConfig): string {
  const { file, window } = config.model;
  return JSON.stringify([file, window, inputOptions(config)]);
}

/** The plans of a model, which many sensors often share: it is read once. */
export async function plansOf(
  config: StreamConfig,
  known: Map<string, ModelPlans>,
  signal: AbortSignal | undefined,
): Promise<ModelPlans> {
  const { file, window } = config.model;
  const key = keyOf(config);
  const given = known.get(key);
  if (given !== undefined) {
    return given;
  }
  const compile = await readInputs(file, { window, signal, ...inputOptions(config) });
  const made = new Map<OutputPart, StreamPlan>();
  const plans: ModelPlans = (outputs) => {
    const plan = made.get(outputs) ?? compile(outputs);
    made.set(outputs, plan);
    return plan;
  };
  known.set(key, plans);
  return plans;
}

/** Reads a model; what does not fit its inputs is a fault of the configuration. */
async function readInputs(...given: Parameters<typeof readModel>): ReturnType<typeof readModel> {
  try {
    return await readModel(...given);
  } catch (cause) {
    const [fault] = cause instanceof LstmdError ? cause.faults : [];
    throw fault === undefined
      ? cause
      : new LstmdError('config.invalid', fault.message, { cause, at: ['model', ...fault.at] });
  }
}
