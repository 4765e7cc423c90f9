import { readFile } from 'node:fs/promises';
import { errorCode, reasonOf } from './errors.js';
import { isObject, type JsonObject } from './json.js';

/**
 * Reads the JSON object that a file holds.
 *
 * @param what the object is, such as `case`
 * @param fail makes an error of words that follow the path of the file
 * @throws what `fail` makes, where the file cannot be read or holds something else
 */
export async function readJsonObject(
  path: string,
  what: string,
  fail: (words: string, cause?: unknown) => Error,
): Promise<JsonObject> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const isRead = errorCode(cause) === undefined;
    throw fail(`${isRead ? `is no ${what}: ` : ''}${reasonOf(cause)}`, cause);
  }
  if (!isObject(value)) {
    throw fail(`is no ${what}: a JSON object is expected`);
  }
  return value;
}
