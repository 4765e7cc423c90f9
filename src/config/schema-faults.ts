import { pathText } from '../base/option-path.js';
import type { Fault } from './fault.js';
import { shownValue, typesText } from './parsed-options.js';
import type { z } from './option-types.js';
import { optionElsewhere } from './options-elsewhere.js';
import { otherWord } from './other-words.js';
import { keysOf, leavesOf, schemaAt } from './schema-walk.js';
import { nearName, suggestion } from './suggestion.js';

/**
 * The faults that a schema found in a configuration; every unknown key is a fault of its own.
 *
 * @param error from `parseOptions` of `raw`
 */
export function schemaFaults(schema: z.ZodType, raw: unknown, error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue): Fault | Fault[] => {
    const path = pathOf(issue.path);
    switch (issue.code) {
      case 'unrecognized_keys': {
        const section = schemaAt(schema, raw, path);
        return issue.keys.map((key) => ({
          path: [...path, key],
          message:
            optionElsewhere(section, key) ??
            `is not an option here; ${adviceFor(schema, raw, path, key, keysOf(section) ?? [])}`,
        }));
      }
      case 'invalid_type':
        return {
          path,
          message: isAbsent(issue.input) ? `is missing (${issue.expected})` : messageOf(issue),
        };
      case 'invalid_value':
        return { path, message: choiceFault(issue.values, issue.input) };
      case 'invalid_union': {
        const kinds = issue.errors.flat();
        const values = kinds.flatMap((kind) => (kind.code === 'invalid_value' ? kind.values : []));
        const types = kinds.flatMap((kind) =>
          kind.code === 'invalid_type' ? [kind.expected] : [],
        );
        if (values.length > 0) {
          return { path, message: choiceFault(values, issue.input) };
        }
        // A list is of the right type, and what is wrong is one of its entries.
        const entry = kinds.find((kind) => kind.path.length > 0);
        return {
          path: [...path, ...(entry === undefined ? [] : pathOf(entry.path))],
          message:
            types.length > 1 && entry === undefined
              ? `must be ${typesText(types)}, not ${shownValue(issue.input)}`
              : messageOf(entry ?? kinds[0] ?? issue),
        };
      }
      case 'invalid_key':
        return issue.issues.map((inner) => ({ path, message: `the name ${inner.message}` }));
      default:
        return { path, message: messageOf(issue) };
    }
  });
}

/** Returns what to write in the place of an option that there is not. */
function adviceFor(
  schema: z.ZodType,
  raw: unknown,
  section: Fault['path'],
  key: string,
  known: readonly string[],
): string {
  const word = otherWord(pathText(section), key);
  if (word !== undefined) {
    return word;
  }
  const near = nearName(key, known);
  if (near === 'passwordFile') {
    return `did you mean "${near}"? A password is never in the configuration itself`;
  }
  const owner = near === undefined ? ownerOf(schema, raw, section, key) : undefined;
  return owner === undefined
    ? suggestion(key, known)
    : `it is one of ${owner === '' ? 'the top' : owner}: move it there`;
}

/** The section that has such an option, the one nearest to where it stands; undefined where none has. */
function ownerOf(
  schema: z.ZodType,
  raw: unknown,
  section: Fault['path'],
  key: string,
): string | undefined {
  const shared = (path: readonly string[]): number => {
    const length = path.findIndex((name, i) => name !== section[i]);
    return length === -1 ? path.length : length;
  };
  const owners = [...leavesOf(schema, raw)]
    .flatMap(({ path }) => path.map((name, i) => ({ name, owner: path.slice(0, i) })))
    .filter(({ name, owner }) => name === key && owner.at(-1) !== 'streams');
  const [nearest] = owners.toSorted(
    (a, b) => shared(b.owner) - shared(a.owner) || a.owner.length - b.owner.length,
  );
  return nearest === undefined ? undefined : pathText(nearest.owner);
}

/** The message of an issue, within a sentence. */
function messageOf({ message }: z.core.$ZodIssue): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function pathOf(path: readonly PropertyKey[]): (string | number)[] {
  return path.map((key) => (typeof key === 'symbol' ? String(key) : key));
}

/** An option without a value, as `mode:` in a line of its own, is as good as not there. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function choiceFault(choices: readonly unknown[], value: unknown): string {
  const list = choices.map((choice) => JSON.stringify(choice)).join(', ');
  return isAbsent(value)
    ? `is missing (one of ${list})`
    : `must be one of ${list}, not ${JSON.stringify(value)}`;
}
