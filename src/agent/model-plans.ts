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
  const read = known.get(key);
  if (read !== undefined) {
    return read;
  }
  const given = { window, signal, ...inputOptions(config) };
  const compile = await readModel(file, given).catch((error: unknown) => {
    throw faultOfSection(error);
  });
  const made = new Map<OutputPart, StreamPlan>();
  const plans: ModelPlans = (outputs) => {
    let plan = made.get(outputs);
    if (plan === undefined) {
      try {
        plan = compile(outputs);
      } catch (error) {
        throw faultOfSection(error);
      }
      made.set(outputs, plan);
    }
    return plan;
  };
  known.set(key, plans);
  return plans;
}

/**
 * The error that a model or its program throws, as one of the section `model`: what does not fit one of its options is
 * a fault of the configuration at that option.
 */
export function faultOfSection(error: unknown): unknown {
  if (!(error instanceof LstmdError)) {
    return error;
  }
  const [fault] = error.faults;
  const code = error.code === 'usage.invalid' ? 'config.invalid' : error.code;
  return fault === undefined
    ? error
    : new LstmdError(code, fault.message, { at: ['model', ...fault.at] });
}
