/** A JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const nonFinite = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
const mark = '\u0000number:';

/**
 * Parses what Python's `json.dumps` wrote: JSON, and the bare words NaN,
 * Infinity and -Infinity, which `JSON.parse` rejects.
 *
 * @throws SyntaxError where it is neither
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A text that is not closed runs to the end: tried anew from each quote in it, this would take for ever.
    const quoted = text.replaceAll(
      /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|-?Infinity|NaN/g,
      (token) => (nonFinite.has(token) ? JSON.stringify(mark + token) : token),
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
