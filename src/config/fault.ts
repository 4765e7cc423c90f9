import type { z } from 'zod';

/** One thing wrong with a configuration: where, and what to do about it. */
export interface Fault {
  /** `streams.spindle.sensor.rateHz`; empty for the whole. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** `streams.spindle.publish.events[0]`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`,
    '',
  );
}

/** The faults behind one issue of the schema; an unknown key each is a fault of its own. */
export function faultsOf(
  issue: z.core.$ZodIssue,
  keysAt: (path: Fault['path']) => string[],
): Fault[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `is not an option here; ${suggestion(key, known)}`,
      }));
    }
    case 'invalid_type':
      return [
        {
          path,
          message: issue.message.endsWith('received undefined')
            ? `is missing (${issue.expected})`
            : lowerFirst(issue.message),
        },
      ];
    case 'invalid_key':
      return issue.issues.map((inner) => ({ path, message: `the name ${inner.message}` }));
    default:
      return [{ path, message: lowerFirst(issue.message) }];
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** `did you mean X?` where a known name is near, else the names there are. */
export function suggestion(unknown: string, known: readonly string[]): string {
  const near = known
    .map((name) => ({ name, distance: editDistance(unknown.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near !== undefined && near.distance <= Math.max(2, unknown.length / 3)) {
    return `did you mean "${near.name}"?`;
  }
  return `known: ${known.join(', ')}`;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
