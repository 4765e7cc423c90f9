import { resolve } from 'node:path';
import { isPath, recordingOf, schemeOf, z } from './option-types.js';
import { leavesOf, schemaAt, unwrap } from './schema-walk.js';
import { setAt, valueAt } from './value-at.js';

/**
 * Makes every option that was declared as a `path` absolute, in place, and its default as well. An address with a scheme,
 * such as `tcp://host:1`, stays as it is, but for the file of a `recording:`.
 */
export function resolvePaths(
  schema: z.ZodType,
  raw: Record<string, unknown>,
  folder: string,
): void {
  for (const { path, schema: leaf } of leavesOf(schema, raw)) {
    const given = valueAt(raw, path);
    const value = given === undefined ? defaultPathOf(leaf) : given;
    if (typeof value !== 'string' || value === '') {
      continue;
    }
    const recording = recordingOf(value);
    if (recording !== undefined) {
      setAt(raw, path, `recording:${resolve(folder, recording)}`);
    } else if (schemeOf(value) === undefined) {
      const option = schemaAt(schema, raw, path);
      if (option !== undefined && isPath(option)) {
        setAt(raw, path, resolve(folder, value));
      }
    }
  }
}

/** The default of a path; undefined for any other option, and for one without a default. */
function defaultPathOf(leaf: z.ZodType): unknown {
  return leaf instanceof z.ZodDefault && isPath(unwrap(leaf)) ? leaf.parse(undefined) : undefined;
}
