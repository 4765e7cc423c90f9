import { resolve } from 'node:path';
import { isPath, recordingOf, schemeOf, z } from './option-types.js';
import { leavesOf, schemaAt } from './schema-walk.js';
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
    const option = schemaAt(schema, raw, path);
    const given = valueAt(raw, path);
    const value =
      given === undefined && leaf instanceof z.ZodDefault ? leaf.parse(undefined) : given;
    const isGiven = typeof value === 'string' && value !== '' && schemeOf(value) === undefined;
    const recording = typeof value === 'string' ? recordingOf(value) : undefined;
    if (recording !== undefined) {
      setAt(raw, path, `recording:${resolve(folder, recording)}`);
    } else if (isGiven && option !== undefined && isPath(option)) {
      setAt(raw, path, resolve(folder, value));
    }
  }
}
