import { isObject, type JsonObject } from '../base/json.js';
import { z } from './option-types.js';
import { valueAt } from './value-at.js';

/** An option that is not itself a section. */
export interface Leaf {
  readonly path: readonly string[];
  readonly schema: z.ZodType;
}

/**
 * Goes through every option that a configuration may have. The keys of a record (stream names) are those that
 * `raw` has; of a section with variants (`sensor`, by its decoder) the options of all are given.
 */
export function* leavesOf(
  schema: z.ZodType,
  raw: unknown,
  path: readonly string[] = [],
): Generator<Leaf, void> {
  const section = unwrap(schema);
  if (section instanceof z.ZodDiscriminatedUnion) {
    for (const variant of variantsOf(section)) {
      yield* leavesOf(variant, raw, path);
    }
    return;
  }
  const keys = section instanceof z.ZodRecord ? Object.keys(objectOf(raw)) : keysOf(section);
  if (keys === undefined) {
    yield { path, schema };
    return;
  }
  for (const key of keys) {
    const child = childOf(section, key);
    if (child !== undefined) {
      yield* leavesOf(child, objectOf(raw)[key], [...path, key]);
    }
  }
}

/** Names of the options of a section; undefined for what is none. */
export function keysOf(schema: z.ZodType | undefined): string[] | undefined {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : undefined;
}

/**
 * The schema at a path, without its default, in the variant that `raw` chooses; undefined where the
 * path leads nowhere or `raw` chooses none.
 */
export function schemaAt(
  schema: z.ZodType,
  raw: unknown,
  path: readonly (string | number)[],
): z.ZodType | undefined {
  let at = variantOf(unwrap(schema), raw);
  let value = raw;
  for (const key of path) {
    value = valueAt(value, [key]);
    const child = at === undefined ? undefined : childOf(at, key);
    at = child === undefined ? undefined : variantOf(unwrap(child), value);
  }
  return at;
}

/** The schema below wrappers such as default and optional. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner: unknown = schema;
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional
  ) {
    inner = inner.unwrap();
  }
  return inner as z.ZodType;
}

function childOf(section: z.ZodType, key: string | number): z.ZodType | undefined {
  if (section instanceof z.ZodObject) {
    return (section.shape as Record<string, z.ZodType>)[key];
  }
  if (section instanceof z.ZodRecord) {
    return section.valueType as z.ZodType;
  }
  return section instanceof z.ZodArray ? (section.element as z.ZodType) : undefined;
}

function variantsOf(union: z.ZodDiscriminatedUnion): z.ZodObject[] {
  return union.options.filter((variant) => variant instanceof z.ZodObject);
}

/** The variant that a value chooses, if it chooses one; a schema without variants as it is. */
function variantOf(schema: z.ZodType, value: unknown): z.ZodType | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) {
    return schema;
  }
  const { discriminator } = schema.def;
  const tag = objectOf(value)[discriminator];
  return variantsOf(schema).find(
    (variant) => childOf(variant, discriminator)?.safeParse(tag).success === true,
  );
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
