import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { LstmdError } from '../../base/errors.js';

/** A file of samples. */
export interface Recording {
  readonly path: string;
  /** 0 for stdin, of which nobody knows it. */
  readonly bytes: number;
}

/** The files of a folder that are taken for recordings; others can be named one by one. */
const recordingNames = new Set(['.csv', '.tsv', '.jsonl', '.ndjson']);

/**
 * The recordings that files and folders are: of a folder every .csv, .tsv, .jsonl and .ndjson below it, by name.
 *
 * @param paths as given; `-` is stdin
 * @throws LstmdError `sensor.input` for a path that is not there, or a folder without recordings
 */
export async function listRecordings(paths: readonly string[]): Promise<Recording[]> {
  const recordings = new Map<string, Recording>();
  for (const path of paths) {
    for (const recording of await recordingsAt(path)) {
      recordings.set(recording.path, recording);
    }
  }
  return [...recordings.values()];
}

async function recordingsAt(path: string): Promise<Recording[]> {
  if (path === '-') {
    return [{ path, bytes: 0 }];
  }
  try {
    const found = await stat(path);
    if (!found.isDirectory()) {
      return [{ path, bytes: found.size }];
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const files = entries
      .filter(
        (entry) =>
          entry.isFile() &&
          (recordingNames.has(extname(entry.name).toLowerCase()) || entry.name.endsWith('.rec.gz')),
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    if (files.length === 0) {
      throw new LstmdError('sensor.input', `${path}: no .csv, .tsv, .jsonl or .ndjson in it`);
    }
    return await Promise.all(
      files.map(async (file) => ({ path: file, bytes: (await stat(file)).size })),
    );
  } catch (cause) {
    if (cause instanceof LstmdError) {
      throw cause;
    }
    throw new LstmdError('sensor.input', `--data: cannot read ${path}`, { cause });
  }
}
