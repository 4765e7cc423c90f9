/** A JSON object whose properties are not known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const nonFinite = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
/** Marks a string that stands for a number while JSON is parsed. */
const mark = '\u0000number:';

/**
 * Parses what Python's `json.dumps` wrote: JSON, and the bare words NaN,
 * Infinity and -Infinity, which `JSON.parse` rejects.
 *
 * @throws SyntaxError where the text is neither
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A string that is not closed matches to the end of the text; without that alternative the search
    // would begin anew at each quote in it, and take for ever.
    const quoted = text.replaceAll(/"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|-?Infinity|NaN/g, (token) =>
      nonFinite.has(token) ? JSON.stringify(mark + token) : token,
    );
    if (quoted === text) {
      throw error;
    }
    return JSON.parse(quoted, (_key, value: unknown) =>
      typeof value === 'string' && value.startsWith(mark)
        ? nonFinite.get(value.slice(mark.length))
        : value,
    );
  }
}
