import { LstmdError, messageOf } from '../../errors.js';
import { parsePythonJson } from '../json.js';

/** @throws LstmdError `model.malformed`, naming `part`, when the text is not JSON */
export function parseConfig(text: string, part: string): unknown {
  try {
    return parsePythonJson(text);
  } catch (cause) {
    throw new LstmdError('model.malformed', `${part} is not JSON: ${messageOf(cause)}`, { cause });
  }
}
