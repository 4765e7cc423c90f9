import { LstmdError } from '../../base/errors.js';
import type { FoundTask } from '../../model/task/find-task.js';
import { namesOf } from '../terminal/feature-options.js';
import type { Questions } from './questions.js';

/** Names of the outputs of each head. */
export type HeadLabels = ReadonlyMap<string, readonly string[]>;

/** A head whose outputs have names. */
interface NamedHead {
  readonly head: string;
  readonly size: number;
}

/**
 * The names of the outputs of each head that has some: from `--labels walk,run`, with several heads from one
 * `--labels head=walk,run` each, or asked for.
 *
 * @param said what `--labels` said, each time that it was given
 * @param tasks of each head, and how many outputs it has
 * @throws LstmdError `usage.invalid` where there are more or fewer than a head has outputs, or there is no such head
 */
export async function chooseLabels(
  questions: Questions,
  said: readonly string[],
  tasks: readonly (Pick<FoundTask, 'head' | 'task'> & { readonly size: number })[],
): Promise<HeadLabels> {
  const heads = tasks.flatMap(({ head, task, size }): NamedHead[] =>
    task === 'classify' || task === 'regress' ? [{ head, size }] : [],
  );
  const byHead = saidByHead(said, heads, tasks.length > 1);
  const labels = new Map<string, readonly string[]>();
  for (const { head, size } of heads) {
    const of = tasks.length > 1 ? ` of head ${head}` : '';
    const answer = await questions.ask(
      `Names of the ${size} output(s)${of}, with commas between`,
      byHead.get(head),
      undefined,
      (text) => countFault(namesOf(text), head, size, tasks.length > 1),
    );
    if (answer !== undefined) {
      labels.set(head, namesOf(answer));
    }
  }
  return labels;
}

function saidByHead(
  said: readonly string[],
  heads: readonly NamedHead[],
  isSeveral: boolean,
): Map<string, string> {
  const [first] = heads;
  if (said.length === 0) {
    return new Map();
  }
  if (first === undefined) {
    throw new LstmdError('usage.invalid', '--labels: the outputs of this model have no names');
  }
  if (!isSeveral) {
    return new Map([[first.head, said.join(',')]]);
  }
  return new Map(
    said.map((text) => {
      const at = text.indexOf('=');
      const head = text.slice(0, Math.max(0, at)).trim();
      if (!heads.some((each) => each.head === head)) {
        const names = heads.map((each) => each.head);
        throw new LstmdError(
          'usage.invalid',
          `--labels ${text}: the model has several heads, say --labels HEAD=NAME,... once for each of ${names.join(', ')}`,
        );
      }
      return [head, text.slice(at + 1)];
    }),
  );
}

function countFault(
  names: readonly string[],
  head: string,
  size: number,
  isSeveral: boolean,
): string | undefined {
  const whose = isSeveral ? `head ${head}` : 'the model';
  if (names.length !== size) {
    return `${whose} has ${size} output(s), and ${names.length} label(s) were given: ${names.join(', ')}`;
  }
  return names.includes('') || new Set(names).size < size
    ? `the labels of ${whose} must be ${size} different names: ${names.join(', ')}`
    : undefined;
}
