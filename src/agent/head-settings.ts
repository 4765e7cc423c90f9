import { LstmdError } from '../base/errors.js';
import { attempt, raise, type FaultReport } from '../base/fault-report.js';
import type { ModelOutput, StreamPlan } from '../model/plan/stream-plan.js';
import type { Task } from '../model/plan/task.js';
import { findTasks } from '../model/task/find-task.js';
import { hasDecoder } from '../model/task/head-activation.js';
import type { StreamConfig } from './config-schema.js';
import { refuseWithoutEffect } from './task-options.js';

type ModelOptions = StreamConfig['model'];
type HeadOptions = NonNullable<ModelOptions['heads']>[string];

/** Holds what is published of one output of a model: from the configuration, and where that is silent from the model. */
export interface HeadSettings {
  readonly name: string;
  readonly task: Task;
  /** Says where the task is from, for people. */
  readonly taskFrom: string;
  readonly options: HeadOptions;
  /** Floats of a step. */
  readonly width: number;
  /** Steps that a row has to have: all of an output with a time axis, those of a flat window, or 1. */
  readonly steps: number;
  /** True when only a plan of whole outputs has such rows. */
  readonly needsWhole: boolean;
  /** True when the output has a time axis of which a row has the last step. */
  readonly isPart: boolean;
}

/**
 * Settles the task of each head, and how much of the output it takes.
 *
 * @param report takes each fault where all are wanted, and the heads at fault are left out
 * @throws LstmdError `config.invalid` naming the option that does not fit the model, and the way out
 */
export function headSettings(
  plan: StreamPlan,
  { model, publish }: Pick<StreamConfig, 'model' | 'publish'>,
  report: FaultReport = raise,
): HeadSettings[] {
  checkNames(plan, model, report);
  const found = findTasks(plan);
  const settings = plan.outputs.flatMap((output, index) => {
    const { name } = output;
    const options = optionsOf(name, model, plan.outputs.length === 1);
    const task = options.task ?? found[index]?.task ?? 'regress';
    const reason = found[index]?.reason ?? '';
    const own = model.heads?.[name]?.task === undefined ? 'model.task' : `model.heads.${name}.task`;
    const taskFrom = options.task === undefined ? `found: ${reason}` : own;
    const given = { mode: model.mode, steps: publish.steps };
    const made = attempt(report, () => formOf(plan, output, task, options, given));
    if (made === undefined) {
      return [];
    }
    const { needsWhole, why, ...form } = made;
    if (needsWhole && model.mode !== 'sliding') {
      const fault = new LstmdError(
        'config.invalid',
        `output "${name}" (task ${task}, ${taskFrom}): ${why} needs the whole window: mode sliding, at stride ${
          plan.window ?? 'T'
        } for one window after the other, not ${model.mode}`,
        { at: ['model', 'mode'] },
      );
      report(fault);
    }
    return { name, task, taskFrom, options, needsWhole, ...form };
  });
  refuseWithoutEffect(model, settings, report);
  return settings;
}

function checkNames(
  plan: StreamPlan,
  { heads = {}, ...model }: ModelOptions,
  report: FaultReport,
): void {
  const names = plan.outputs.map(({ name }) => name);
  for (const unknown of Object.keys(heads).filter((name) => !names.includes(name))) {
    const message = `"${unknown}" is no output of the model, which has ${names.join(', ')}`;
    report(new LstmdError('config.invalid', message, { at: ['model', 'heads', unknown] }));
  }
  const ofOneHead = (['valueUnits', 'scale', 'offset', 'horizon'] as const).filter(
    (key) => model[key] !== undefined && names.length > 1,
  );
  for (const option of ofOneHead) {
    const message = `the model has several outputs: give it for each in model.heads: ${names.join(', ')}`;
    report(new LstmdError('config.invalid', message, { at: ['model', option] }));
  }
}

/** The place of an option that a head has of its own or from the options of all heads. */
export function placeOf(
  head: string,
  option: keyof HeadOptions,
  model: ModelOptions,
): readonly string[] {
  const common = option === 'units' ? 'valueUnits' : option;
  return model.heads?.[head]?.[option] === undefined
    ? ['model', common]
    : ['model', 'heads', head, option];
}

/** The options of a head; those for all heads where it has none of its own. Of several, `labels` are its own. */
function optionsOf(name: string, model: ModelOptions, isOnly: boolean): HeadOptions {
  const own = model.heads?.[name] ?? {};
  const { task, valueUnits, scale, offset, horizon, lead, score } = model;
  return {
    labels: own.labels ?? (isOnly ? model.labels : undefined),
    task: own.task ?? task,
    units: own.units ?? valueUnits,
    scale: own.scale ?? scale,
    offset: own.offset ?? offset,
    horizon: own.horizon ?? horizon,
    lead: own.lead ?? lead,
    score: own.score ?? score,
  };
}

type Form = Pick<HeadSettings, 'width' | 'steps' | 'needsWhole' | 'isPart'> & {
  /** Holds what needs the whole window, for messages. */
  readonly why: string;
};

function formOf(
  plan: StreamPlan,
  output: ModelOutput,
  task: Task,
  options: HeadOptions,
  publish: { readonly mode: ModelOptions['mode']; readonly steps: boolean },
): Form {
  const { shape } = output;
  const isSequence = shape.length > 1;
  const width = shape.at(-1) ?? output.size;
  const count = isSequence ? (shape[0] ?? plan.window ?? 1) : 1;
  const last: Form = {
    width,
    steps: 1,
    needsWhole: false,
    isPart: isSequence && count !== 1,
    why: '',
  };
  const whole: Form = {
    width,
    steps: count,
    needsWhole: count > 1,
    isPart: false,
    why: 'publish.steps',
  };
  switch (task) {
    case 'forecast':
      return forecastForm(plan, output, options, { last, whole });
    case 'reconstruct':
      return reconstructForm(plan, output, options, { last, whole, ...publish });
    default:
      return publish.steps ? whole : last;
  }
}

function forecastForm(
  plan: StreamPlan,
  { name, shape, rowSteps }: ModelOutput,
  { horizon, labels }: HeadOptions,
  { last, whole }: { readonly last: Form; readonly whole: Form },
): Form {
  const { width } = last;
  if (shape.length > 1) {
    // At each step the next one is forecast, unless a decoder makes the steps, or they are not the window's.
    const isNextOfEach = whole.steps === (plan.window ?? 1) && !hasDecoder(plan);
    const steps = horizon ?? (isNextOfEach ? 1 : whole.steps);
    if (steps !== 1 && steps !== whole.steps) {
      throw new LstmdError(
        'config.invalid',
        `output "${name}" has ${whole.steps} steps, not ${steps}`,
        { at: ['model', 'horizon'] },
      );
    }
    return steps === 1 ? last : { ...whole, why: `a forecast of ${steps} steps` };
  }
  const steps = horizon ?? flatHorizon(width, plan.features, labels, rowSteps);
  if (steps === undefined || width % steps !== 0) {
    throw new LstmdError(
      'config.invalid',
      `output "${name}" has ${width} numbers: model.horizon must say how many steps they forecast${
        steps === undefined ? '' : `, and ${steps} does not divide them`
      }`,
      { at: ['model', 'horizon'] },
    );
  }
  return { ...last, width: width / steps, steps };
}

/** Steps of a forecast that stand one after the other in a vector; undefined where nothing tells. */
function flatHorizon(
  size: number,
  features: number,
  labels: readonly string[] | undefined,
  rowSteps: number | undefined,
): number | undefined {
  if (labels === undefined && rowSteps !== undefined) {
    return rowSteps;
  }
  const width = labels?.length ?? (size % features === 0 ? features : undefined);
  return width === undefined || size % width !== 0 ? undefined : size / width;
}

function reconstructForm(
  plan: StreamPlan,
  { name, shape, size }: ModelOutput,
  { score }: HeadOptions,
  {
    last,
    whole,
    mode,
    steps: givesSteps,
  }: {
    readonly last: Form;
    readonly whole: Form;
    readonly mode: ModelOptions['mode'];
    readonly steps: boolean;
  },
): Form {
  const { window, features } = plan;
  const isFlat = shape.length === 1 && window !== null && window > 1 && size === window * features;
  if (shape.length > 1 && whole.steps !== (window ?? whole.steps)) {
    throw new LstmdError(
      'config.invalid',
      `output "${name}" has ${whole.steps} steps, the window ${window}: what is no window of the same steps is no reconstruction of it; say model.task: forecast, or regress`,
      { at: ['model', 'task'] },
    );
  }
  if (isFlat) {
    const why = 'a window in one row';
    return { ...last, width: features, steps: window, needsWhole: true, why };
  }
  const over = score?.over ?? (mode === 'sliding' ? 'all' : 'last');
  if (shape.length === 1 || (over === 'last' && !givesSteps)) {
    return last;
  }
  const why = over === 'last' ? whole.why : `a score over ${over === 'all' ? 'all steps' : over}`;
  return { ...whole, why };
}
