import { LstmdError, messageOf } from '../../../base/errors.js';
import { parsePythonJson } from '../../../base/json.js';

/** Objects take many times the memory of their text. */
export const maxConfigBytes = 8 * 2 ** 20;
/** Deeper than any model that is not made to exhaust the stack of who walks it. */
const maxDepth = 500;

/**
 * @throws LstmdError `model.malformed`, naming `part`, when the text is not JSON or nested without
 *   reason, `model.refused` when it is too large
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

/** Brackets inside of texts count as well, which seldom have 500 of them unclosed. */
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
