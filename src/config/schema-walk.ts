import { z } from 'zod';
import { isObject } from '../base/json.js';

/** The schema below wrappers such as default, optional and refinement. */
function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional
  ) {
    inner = inner.unwrap();
  }
  return inner;
}

/** The schema at a path; undefined where the path leads nowhere. */
function schemaAt(schema: z.ZodType, path: readonly (string | number)[]): unknown {
  let at: unknown = unwrap(schema);
  for (const key of path) {
    if (at instanceof z.ZodObject) {
      at = unwrap((at.shape as Record<string, unknown>)[String(key)]);
    } else if (at instanceof z.ZodRecord) {
      at = unwrap(at.valueType);
    } else if (at instanceof z.ZodArray) {
      at = unwrap(at.element);
    } else {
      return undefined;
    }
  }
  return at;
}

/** Names of the options of the object at a path. */
export function keysAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  const at = schemaAt(schema, path);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

/**
 * Paths of every option that is not itself an object. The keys of a record (stream names) are
 * those that `value` has.
 */
export function leafPaths(schema: z.ZodType, value: unknown, path: string[] = []): string[][] {
  const at = unwrap(schema);
  if (at instanceof z.ZodObject) {
    return Object.entries(at.shape as Record<string, z.ZodType>).flatMap(([key, child]) =>
      leafPaths(child, childOf(value, key), [...path, key]),
    );
  }
  if (at instanceof z.ZodRecord) {
    return Object.keys(isObject(value) ? value : {}).flatMap((key) =>
      leafPaths(at.valueType as z.ZodType, childOf(value, key), [...path, key]),
    );
  }
  return [path];
}

function childOf(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}
