import type { z } from './option-types.js';

/** The types of options, as messages call them. */
const typeWords: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a section of options',
  record: 'a section of names',
};

const longestShown = 60;

/**
 * Parses options by a schema. What an option says by itself of a wrong value stays as it is, and all else is said in the
 * words of other faults; the value is in each issue, so that a missing option is told from one of another type.
 */
export function parseOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: unknown,
): z.ZodSafeParseResult<z.output<Schema>> {
  return schema.safeParse(options, { reportInput: true, error: issueWords });
}

/** `a number or a list`. */
export function typesText(types: readonly string[]): string {
  return [...new Set(types)].map((type) => typeWords[type] ?? type).join(' or ');
}

/** Zod asks for these words only where neither the option nor its check has any; undefined leaves it those of zod. */
function issueWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const type = typeWords[issue.expected];
      return type === undefined ? undefined : `must be ${type}, not ${shownValue(issue.input)}`;
    }
    case 'too_small':
      return boundText(issue.origin, issue.minimum, issue.inclusive === false, 'least');
    case 'too_big':
      return boundText(issue.origin, issue.maximum, issue.inclusive === false, 'most');
    default:
      return undefined;
  }
}

function boundText(
  origin: string,
  bound: number | bigint,
  isOutside: boolean,
  which: 'least' | 'most',
): string | undefined {
  switch (origin) {
    case 'number':
    case 'int':
      return isOutside
        ? `must be ${which === 'least' ? 'above' : 'below'} ${bound}`
        : `must be at ${which} ${bound}`;
    case 'string':
      return which === 'least' && bound === 1
        ? 'must not be empty'
        : `must have at ${which} ${bound} characters`;
    case 'array':
      return `must have at ${which} ${bound} ${bound === 1 ? 'entry' : 'entries'}`;
    default:
      return undefined;
  }
}

/** Names a value of the wrong type, shortened. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) {
    return 'a list';
  }
  if (typeof value === 'object' && value !== null) {
    return 'a section';
  }
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}
