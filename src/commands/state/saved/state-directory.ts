import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { configSchema } from '../../../agent/config-schema.js';
import { loadConfig } from '../../../config/load-config.js';
import { LstmdError, messageOf } from '../../../base/errors.js';

/** The options that say which directory holds the states: one that is named, or that of a configuration. */
export interface StatePlaceOptions {
  readonly config?: string;
  readonly stateDirectory?: string;
}

/** The directory that the options name; else systemd's `$STATE_DIRECTORY`, else `./state`. */
export async function stateDirectoryOf({
  config,
  stateDirectory,
}: StatePlaceOptions): Promise<string> {
  if (stateDirectory !== undefined) {
    return resolve(stateDirectory);
  }
  if (config !== undefined) {
    return (await loadConfig(configSchema, config)).config.stateDirectory;
  }
  return resolve(process.env['STATE_DIRECTORY'] ?? './state');
}

/**
 * The names of the streams with a folder in a state directory.
 *
 * @param stream one that must be there; undefined for all
 * @throws LstmdError `state.unreadable` where there is no such directory or stream
 */
export async function streamsIn(directory: string, stream: string | undefined): Promise<string[]> {
  let names: string[];
  try {
    names = (await readdir(directory, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (cause) {
    throw new LstmdError(
      'state.unreadable',
      `no state directory: ${messageOf(cause)}; name it with --config or --state-directory`,
      { cause },
    );
  }
  if (stream === undefined) {
    return names;
  }
  if (names.includes(stream)) {
    return [stream];
  }
  throw new LstmdError(
    'state.unreadable',
    `no stream "${stream}" in ${directory}; there ${names.length === 0 ? 'is none' : `are: ${names.join(', ')}`}`,
  );
}
