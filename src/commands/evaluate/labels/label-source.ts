import { basename, dirname, extname, resolve } from 'node:path';
import { LstmdError } from '../../../base/errors.js';

/** Says where the labels of recordings are. */
export type LabelSource =
  /** The name of the folder that a file is in. */
  | { readonly kind: 'folder' }
  /** A word of the file's name that is a label, or what the group of a pattern matches in it. */
  | { readonly kind: 'file'; readonly pattern: RegExp | undefined }
  /** Columns of the file, by their names or their numbers from 0. */
  | { readonly kind: 'column'; readonly columns: readonly (string | number)[] };

const forms =
  'folder (the name of the folder that a file is in), file (a word of its name), file:PATTERN (what the group of a regular expression matches in its name) or column:NAME (a column, by its name or its number from 0)';

/**
 * Reads `folder`, `file`, `file:PATTERN` or `column:NAME[,NAME]`.
 *
 * @throws LstmdError `usage.invalid` for anything else
 */
export function parseLabelSource(text: string): LabelSource {
  const [kind, rest] = split(text);
  if (kind === 'folder' && rest === undefined) {
    return { kind };
  }
  if (kind === 'file') {
    return { kind, pattern: rest === undefined ? undefined : patternOf(rest) };
  }
  if (kind === 'column' && rest !== undefined && rest.trim() !== '') {
    const names = rest.split(',').map((name) => name.trim());
    const columns = names.map((name) => (/^\d+$/.test(name) ? Number(name) : name));
    return { kind, columns };
  }
  throw new LstmdError(
    'usage.invalid',
    `--labels says where the labels of the recordings are: ${forms}; not "${text}". The names of the model's outputs are --classes`,
  );
}

function split(text: string): [string, string | undefined] {
  const at = text.indexOf(':');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function patternOf(text: string): RegExp {
  let pattern: RegExp;
  try {
    pattern = new RegExp(text, 'u');
  } catch (cause) {
    throw new LstmdError('usage.invalid', `--labels: ${text} is no regular expression`, { cause });
  }
  if (new RegExp(`${text}|`, 'u').exec('')?.length !== 2) {
    throw new LstmdError(
      'usage.invalid',
      `--labels: the pattern ${text} must have one group in parentheses: the label`,
    );
  }
  return pattern;
}

/**
 * The label that all samples of a file have.
 *
 * @param known every label that may stand in the name of a file
 * @throws LstmdError `sensor.input` where the name tells none, or several
 */
export function labelOfFile(
  path: string,
  source: Exclude<LabelSource, { kind: 'column' }>,
  known: readonly string[],
): string {
  if (source.kind === 'folder') {
    return basename(dirname(resolve(path)));
  }
  const name = basename(path, extname(path));
  if (source.pattern !== undefined) {
    const label = source.pattern.exec(name)?.[1];
    if (label === undefined || label === '') {
      throw new LstmdError(
        'sensor.input',
        `${path}: --labels file:${source.pattern.source} matches no label in the name "${name}"`,
      );
    }
    return label;
  }
  return labelInName(path, name, known);
}

function labelInName(path: string, name: string, known: readonly string[]): string {
  const words = wordsOf(name);
  const found = known.filter((label) => words.includes(wordsOf(label)));
  // "not running" is meant where both it and "running" are there.
  const meant = found.filter(
    (label) => !found.some((other) => other !== label && wordsOf(other).includes(wordsOf(label))),
  );
  const [label, ...others] = meant;
  if (label === undefined || others.length > 0) {
    const what =
      label === undefined
        ? `no label in the name: ${known.join(', ') || 'none is known'}`
        : `several labels in the name: ${meant.join(', ')}`;
    throw new LstmdError(
      'sensor.input',
      `${path}: ${what}; --labels file:PATTERN says where in the name the label stands, such as file:^([a-z]+)_`,
    );
  }
  return label;
}

/** The words of a name with blanks between and around them, in lower case. */
function wordsOf(name: string): string {
  return ` ${name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ')} `;
}
