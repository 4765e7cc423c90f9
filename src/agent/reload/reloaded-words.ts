import type { Config } from '../config-schema.js';
import type { RememberedModel } from '../prepared-stream.js';

/** Says that another model runs than the configuration names, or should, and how that is undone. */
export function reloadedWords(
  name: string,
  { file, fault }: RememberedModel,
  { stateDirectory }: Config,
): string {
  return fault === undefined
    ? `stream ${name} runs ${file}, which the command reload put in the place of the configuration's model; to undo it: remove ${stateDirectory}/reloaded.json, or send the command reload with "configured": true`
    : `stream ${name} runs the configuration's model: ${file}, which the command reload had put in its place, cannot run (${fault})`;
}
