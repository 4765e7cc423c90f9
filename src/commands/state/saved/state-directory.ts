import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { configSchema } from '../../../agent/config-schema.js';
import { loadConfig } from '../../../config/load-config.js';
import { errorCode, LstmdError, messageOf } from '../../../base/errors.js';
import { slotNames } from '../../../state/slot-pair.js';

/** The options that say which directory holds the states: one that is named, or that of a configuration. */
export interface StatePlaceOptions {
  readonly config?: string;
  readonly stateDirectory?: string;
}

/** A state directory, and what is known of it before it is read. */
export interface StatePlace {
  readonly directory: string;
  /** The streams of the configuration that names it; null where none does. */
  readonly configured: readonly string[] | null;
}

/** The directory that the options name; else systemd's `$STATE_DIRECTORY`, else `./state`. */
export async function statePlaceOf({
  config,
  stateDirectory,
}: StatePlaceOptions): Promise<StatePlace> {
  if (stateDirectory !== undefined) {
    return { directory: resolve(stateDirectory), configured: null };
  }
  if (config !== undefined) {
    const loaded = (await loadConfig(configSchema, config)).config;
    return { directory: loaded.stateDirectory, configured: Object.keys(loaded.streams) };
  }
  return { directory: resolve(process.env['STATE_DIRECTORY'] ?? './state'), configured: null };
}

/**
 * The names of the streams of which something is saved. Before the first run of a configuration there are none, and
 * no directory either.
 *
 * @param stream the one that is asked for; undefined for all
 * @throws LstmdError `usage.invalid` for a stream that the configuration has not; `state.absent` where nothing tells
 *   that there should be such a directory or stream, `state.unreadable` where it cannot be read
 */
export async function savedStreams(
  place: StatePlace,
  stream: string | undefined,
): Promise<string[]> {
  const { directory, configured } = place;
  if (stream !== undefined && configured !== null && !configured.includes(stream)) {
    throw new LstmdError(
      'usage.invalid',
      `the configuration has no stream "${stream}"; there are: ${configured.join(', ')}`,
    );
  }
  const names = await foldersWithSlots(place);
  if (stream === undefined) {
    return names;
  }
  if (names.includes(stream)) {
    return [stream];
  }
  if (configured !== null) {
    return [];
  }
  throw new LstmdError(
    'state.absent',
    `nothing of a stream "${stream}" is saved in ${directory}; there ${names.length === 0 ? 'is none' : `are: ${names.join(', ')}`}`,
  );
}

/** The sentence for a directory, or a stream, of which nothing is saved. */
export function nothingSaved({ directory }: StatePlace, stream: string | undefined): string {
  const whose = stream === undefined ? '' : ` of stream ${stream}`;
  return `nothing${whose} is saved in ${directory} yet`;
}

async function foldersWithSlots({ directory, configured }: StatePlace): Promise<string[]> {
  try {
    const folders = (await readdir(directory, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
    const isStream = await Promise.all(folders.map((name) => hasSlot(join(directory, name))));
    return folders.filter((_, i) => isStream[i]);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT' && configured !== null) {
      return [];
    }
    throw new LstmdError(
      errorCode(cause) === 'ENOENT' ? 'state.absent' : 'state.unreadable',
      `no state directory: ${messageOf(cause)}; name it with --config or --state-directory`,
      { cause },
    );
  }
}

/** Returns whether a folder is a stream's; the outbox has one beside them. */
async function hasSlot(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.some((name) => slotNames.some((slot) => name.startsWith(`${slot}.`)));
}
