/** A JSON Schema (draft 7), as AsyncAPI 3 has them in its messages. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const integer: JsonSchema = { type: 'integer' };
export const number: JsonSchema = { type: 'number' };
export const boolean: JsonSchema = { type: 'boolean' };
export const text: JsonSchema = { type: 'string' };

/** One of a few texts. */
export function oneOf(options: readonly string[]): JsonSchema {
  return { type: 'string', enum: options };
}

/** One text and no other. */
export function constant(value: string): JsonSchema {
  return { type: 'string', const: value };
}

/** A schema with the words that explain it. */
export function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}

/** A number that may be null. */
export function orNull({ type, ...schema }: JsonSchema): JsonSchema {
  return { ...schema, type: [type, 'null'] };
}

export function arrayOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/**
 * An object. It may always have more members than it says: new ones may come.
 *
 * @param optional members that are not always there
 */
export function object(
  required: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
  };
}
