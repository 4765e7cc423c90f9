import { LstmdError, messageOf } from '../../../base/errors.js';
import { parsePythonJson } from '../../../base/json.js';

/** Characters of the longest configuration; its objects take many times that memory. */
export const maxConfigBytes = 8 * 2 ** 20;
/** Brackets inside each other that are read. Deeper ones could exhaust the stack, and no model has them. */
const maxDepth = 500;

/**
 * Parses a configuration.
 *
 * @param part names the text in messages, e.g. `config.json`
 * @throws LstmdError `model.malformed` when the text is not JSON or nested too deeply, `model.refused`
 *   when it is too large
 */
export function parseConfig(text: string, part: string): unknown {
  if (text.length > maxConfigBytes) {
    throw new LstmdError(
      'model.refused',
      `${part} has ${text.length} bytes, more than the ${maxConfigBytes} that are read`,
    );
  }
  if (depthOf(text) > maxDepth) {
    throw new LstmdError('model.malformed', `${part} is nested more than ${maxDepth} deep`);
  }
  try {
    return parsePythonJson(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new LstmdError('model.malformed', `${part} is no whole JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Counts brackets inside of strings as well; no real configuration has strings with 500 unclosed ones. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    }
    if (code === 0x5d || code === 0x7d) {
      depth -= 1;
    }
  }
  return deepest;
}
