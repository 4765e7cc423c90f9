import { multiplyAddsPerSample } from '../../engine/cost.js';
import { programOf } from '../../engine/program/program.js';
import { modes, type Mode, type StreamPlan } from '../../model/plan/stream-plan.js';
import { findTasks, type FoundTask } from '../../model/task/find-task.js';
import { normalizationOf } from '../../model/task/normalization.js';

/** How to run a model, and why: what `inspect` recommends, with stable fields in `--json`. */
export interface Recommendation {
  /** How its input says that it was trained: on windows of so many steps, or on any number. */
  readonly trainedOn: string;
  /** Null where no mode is exact. */
  readonly mode: Mode | null;
  /** Samples from one answer to the next; 1 outside of `sliding`. */
  readonly stride: number;
  readonly reason: string;
  readonly multiplyAddsPerSample: number | null;
  readonly tasks: readonly FoundTask[];
  /** Holds what the model expects of its features, or null where nothing in it tells. */
  readonly normalisation: {
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
    readonly source: string;
  } | null;
  /** Each mode that is refused, and why. */
  readonly inexact: readonly {
    readonly mode: Mode;
    readonly layer: string;
    readonly reason: string;
  }[];
  /** Lines for the configuration, to be put under `streams.<name>`. */
  readonly yaml: string;
}

/** In `sliding` at stride 1 a sample that costs more than this is answered at every tenth of the window instead. */
const dearMultiplyAdds = 2_000_000;

/** @param file the model file, as the configuration would name it */
export function recommend(plan: StreamPlan, file: string): Recommendation {
  const tasks = findTasks(plan);
  const { mode, reason } = chooseMode(plan, tasks);
  const stride = mode === 'sliding' ? chooseStride(plan) : 1;
  const expected = normalizationOf(plan);
  return {
    trainedOn: `${plan.window === null ? 'any number of steps' : `windows of ${plan.window} steps`}${plan.isStateful ? ', stateful: the state carried from one to the next' : ''}`,
    mode,
    stride,
    reason,
    multiplyAddsPerSample:
      mode === null ? null : multiplyAddsPerSample(programOf(plan, { mode, stride })),
    tasks,
    normalisation:
      expected === undefined
        ? null
        : { mean: [...expected.mean], deviation: [...expected.deviation], source: expected.source },
    inexact: modes.flatMap((each) => {
      const verdict = plan.modes[each];
      return verdict.exact ? [] : [{ mode: each, layer: verdict.layer, reason: verdict.reason }];
    }),
    yaml: mode === null ? '' : yamlOf(file, mode, stride, plan, tasks),
  };
}

function chooseMode(
  plan: StreamPlan,
  tasks: readonly FoundTask[],
): { readonly mode: Mode | null; readonly reason: string } {
  const { window } = plan;
  const isExact = (mode: Mode) => plan.modes[mode].exact;
  const needsWindow = tasks.some(
    ({ task }, i) =>
      task !== 'classify' && task !== 'regress' && (plan.outputs[i]?.shape.length ?? 0) > 1,
  );
  if (plan.isStateful && isExact('continuous')) {
    return {
      mode: 'continuous',
      reason: `its layers are stateful: it was trained with the state carried on${
        window !== null && window > 1 ? ` from one window of ${window} steps to the next` : ''
      }`,
    };
  }
  if (window !== null && window > 1 && isExact('sliding')) {
    return {
      mode: 'sliding',
      reason: needsWindow
        ? `its output is a whole window, which is computed at once: the answer of predict for the last ${window} samples`
        : `${
            plan.isStateful
              ? `it was trained with the state carried on, which is not exact here (see continuous above): each window of ${window} steps is begun afresh, and`
              : `it was trained on windows of ${window} steps, each from a fresh state:`
          } sliding gives at every answer what predict gives for the last ${window} samples`,
    };
  }
  if (isExact('continuous')) {
    return {
      mode: 'continuous',
      reason:
        window === null
          ? 'it takes any number of steps: one step a sample, the state is carried on'
          : 'its windows are of one step, as a stateful model is trained: the state is carried on',
    };
  }
  const other = modes.find(isExact);
  return other === undefined
    ? { mode: null, reason: 'no mode is exact; a model of any number of steps may need --window' }
    : { mode: other, reason: 'the only mode that is exact' };
}

function chooseStride(plan: StreamPlan): number {
  const { window } = plan;
  const cost = multiplyAddsPerSample(programOf(plan, { mode: 'sliding' }));
  return window === null || cost <= dearMultiplyAdds ? 1 : Math.max(1, Math.round(window / 10));
}

function yamlOf(
  file: string,
  mode: Mode,
  stride: number,
  plan: StreamPlan,
  tasks: readonly FoundTask[],
): string {
  const [first, ...others] = tasks;
  const isOne = first !== undefined && others.length === 0;
  return [
    'model:',
    `  file: ${JSON.stringify(file)}`,
    `  mode: ${mode}`,
    ...(stride > 1 ? [`  stride: ${stride}`] : []),
    ...inputLines(plan),
    ...(isOne ? [`  task: ${first.task}${note(first)}`] : []),
    ...(isOne ? optionLines(first, plan.outputs[0]?.size ?? 1, '  ') : ['  heads:']),
    ...(isOne
      ? []
      : tasks.flatMap((found, i) => [
          `    ${JSON.stringify(found.head)}:`,
          `      task: ${found.task}${note(found)}`,
          ...optionLines(found, plan.outputs[i]?.size ?? 1, '      '),
        ])),
    ...(isOne ? eventLines(first) : []),
  ].join('\n');
}

/** Says which features flow into which of several inputs, constants, and axes that nothing in the file tells. */
function inputLines({ inputs, constants, inputAxes, areStatesSaid }: StreamPlan): string[] {
  const feeds = inputs.map(
    ({ name, features }) =>
      `${JSON.stringify(name)}: [${features.map((feature) => `axis${feature + 1}`).join(', ')}]`,
  );
  const fixed = Object.entries(constants).map(
    ([name, values]) => `${JSON.stringify(name)}: [${values.join(', ')}]`,
  );
  return [
    ...(inputs.length > 1 || areStatesSaid === true ? [`  inputs: { ${feeds.join(', ')} }`] : []),
    ...(fixed.length > 0 ? [`  constants: { ${fixed.join(', ')} }`] : []),
    ...(inputAxes === undefined ? [] : [`  axes: [${inputAxes.join(', ')}]`]),
  ];
}

/** The options that a task most often needs, for the user to fill in. */
function optionLines({ task }: FoundTask, size: number, indent: string): string[] {
  const names = Array.from({ length: size }, (_, i) => `name${i + 1}`).join(', ');
  switch (task) {
    case 'classify':
      return [`${indent}labels: [${names}]`];
    case 'regress':
      return [
        `${indent}labels: [${names}]`,
        `${indent}# scale: 1 # value = the model's number * scale + offset, where targets were scaled`,
        `${indent}# offset: 0`,
      ];
    case 'reconstruct':
      return [`${indent}score: { metric: mae, over: all }`];
    case 'forecast':
      return [];
  }
}

function eventLines({ task }: FoundTask): string[] {
  switch (task) {
    case 'classify':
      return [];
    case 'regress':
      return ['# publish: { events: [{ event: high, value: name1, on: 80, off: 75 }] }'];
    case 'reconstruct':
      return [
        '# publish: { events: [{ event: strange, on: 0.12, off: 0.1 }] } # the threshold of your training',
      ];
    case 'forecast':
      return [
        '# publish: { events: [{ event: strange, on: 0.12, off: 0.1 }] } # on the error of a forecast',
      ];
  }
}

function note({ isSure, reason }: FoundTask): string {
  return isSure ? '' : ` # a guess: ${reason}`;
}

function numbers(values: readonly number[]): string {
  return values.map((value) => Number(value.toPrecision(4))).join(', ');
}

/** The recommendation for people. */
export function recommendationText(given: Recommendation): string[] {
  const { mode, stride, normalisation, yaml } = given;
  return [
    `trained on   ${given.trainedOn}`,
    `recommended  ${mode === null ? 'none' : `mode ${mode}${stride > 1 ? ` with stride ${stride}` : ''}${given.multiplyAddsPerSample === null ? '' : `, ${given.multiplyAddsPerSample.toLocaleString('en')} multiply-adds a sample`}`}: ${given.reason}`,
    ...given.tasks.map(
      ({ head, task, isSure, reason }) =>
        `task         ${head}: ${isSure ? '' : 'a guess, '}${task}: ${reason}`,
    ),
    normalisation === null
      ? 'features     nothing in the model says what it expects: scale them as for the training (features.scale, mean, std)'
      : `features     ${normalisation.source} expects mean ${numbers(normalisation.mean)}, deviation ${numbers(normalisation.deviation)}: give it readings in those units, not scaled`,
    ...(yaml === '' ? [] : ['', ...yaml.split('\n')]),
  ];
}
