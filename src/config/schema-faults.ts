import type { Fault } from './fault.js';
import type { z } from './option-types.js';
import { optionElsewhere } from './options-elsewhere.js';
import { keysOf, schemaAt } from './schema-walk.js';
import { suggestion } from './suggestion.js';

/**
 * The faults that a schema found in a configuration; every unknown key is a fault of its own.
 *
 * @param error from parsing `raw` with `reportInput`
 */
export function schemaFaults(schema: z.ZodType, raw: unknown, error: z.ZodError): Fault[] {
  return error.issues.flatMap((issue): Fault | Fault[] => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    switch (issue.code) {
      case 'unrecognized_keys': {
        const section = schemaAt(schema, raw, path);
        return issue.keys.map((key) => ({
          path: [...path, key],
          message:
            optionElsewhere(section, key) ??
            `is not an option here; ${suggestion(key, keysOf(section) ?? [])}`,
        }));
      }
      case 'invalid_type':
        return {
          path,
          message:
            issue.input === undefined
              ? `is missing (${issue.expected})`
              : lowerFirst(issue.message),
        };
      case 'invalid_key':
        return issue.issues.map((inner) => ({ path, message: `the name ${inner.message}` }));
      default:
        return { path, message: lowerFirst(issue.message) };
    }
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
