import { LstmdError } from '../base/errors.js';
import { raise, type FaultReport } from '../base/fault-report.js';
import { tasks, type Task } from '../model/plan/task.js';
import type { StreamConfig } from './config-schema.js';

type ModelOptions = StreamConfig['model'];

/** Options of a model and of its heads that some tasks have, and others have not. */
const taskOptions = ['scale', 'offset', 'units', 'horizon', 'lead', 'score'] as const;
type TaskOption = (typeof taskOptions)[number];

/** The options that change what is published, by task. */
const effective: Readonly<Record<Task, readonly TaskOption[]>> = {
  classify: [],
  regress: ['scale', 'offset', 'units'],
  reconstruct: ['score'],
  forecast: ['scale', 'offset', 'units', 'horizon', 'lead', 'score'],
};

/**
 * Refuses what would be taken in silence: an option of a head whose task has no such thing, and one of the model that no
 * head takes.
 *
 * @param heads of the model, with their tasks and where these are from
 * @param report takes each fault where all are wanted
 * @throws LstmdError `config.invalid` naming option and task, and the tasks that have it
 */
export function refuseWithoutEffect(
  model: ModelOptions,
  heads: readonly { readonly name: string; readonly task: Task; readonly taskFrom: string }[],
  report: FaultReport = raise,
): void {
  for (const option of taskOptions) {
    for (const { name, task, taskFrom } of heads) {
      if (model.heads?.[name]?.[option] !== undefined && !effective[task].includes(option)) {
        report(withoutEffect(`model.heads.${name}.${option}`, option, `${task} (${taskFrom})`));
      }
    }
    const key = option === 'units' ? 'valueUnits' : option;
    const [only] = heads;
    if (model[key] !== undefined && !heads.some(({ task }) => effective[task].includes(option))) {
      const own =
        heads.length === 1 && only !== undefined ? `${only.task} (${only.taskFrom})` : undefined;
      report(
        withoutEffect(`model.${key}`, option, own ?? heads.map(({ task }) => task).join(', ')),
      );
    }
  }
  for (const { name, task } of heads) {
    const score = model.heads?.[name]?.score ?? model.score;
    const hasReconstruction = heads.some((head) => head.task === 'reconstruct');
    const isShared = model.heads?.[name]?.score === undefined && hasReconstruction;
    if (task === 'forecast' && score?.over !== undefined && !isShared) {
      report(
        new LstmdError(
          'config.invalid',
          'it has no effect with task forecast, whose error is over all of its steps: leave it out',
          { at: ['model', 'score', 'over'] },
        ),
      );
    }
  }
}

function withoutEffect(path: string, option: TaskOption, task: string): LstmdError {
  const others = tasks.filter((each) => effective[each].includes(option));
  return new LstmdError(
    'config.invalid',
    `it has no effect with task ${task}, only with ${others.join(', ')}: leave it out, or say model.task`,
    { at: path.split('.') },
  );
}
