import { join } from 'node:path';
import type { FileSystem } from '../../../platform/file-system.js';
import { EntryReader } from './log-entry.js';
import { noSavedAccounts, type SavedAccounts } from './saved-accounts.js';
import { segmentId, type Segment, type SegmentFolder } from './segment.js';

/** The records of one kind that an earlier process left. */
export interface SegmentScan {
  /** In the order of writing. */
  readonly segments: readonly ScannedSegment[];
  /** Positions of records with the number of a record before them: their write failed and yet arrived. */
  readonly repeated: ReadonlySet<number>;
  /** The newest accounts in these files. */
  readonly accounts: SavedAccounts;
  /** The highest number of a record; 0 where there is none. */
  readonly highestNumber: number;
  /** The highest id in a file's name; 0 where there is none. */
  readonly highestId: number;
  /** Names of files that could not be read. */
  readonly unreadable: readonly string[];
}

export interface ScannedSegment {
  readonly segment: Segment;
  /** Position of each record in it, without the repeated ones. */
  readonly positions: readonly number[];
}

/**
 * Reads every segment file of one kind and makes it durable, for the process before may have ended
 * between a write and its sync.
 *
 * @param names the files in the folder, of any kind
 */
export async function scanSegments(
  folder: SegmentFolder,
  names: readonly string[],
): Promise<SegmentScan> {
  const { directory, fileSystem } = folder;
  const segments: ScannedSegment[] = [];
  const repeated = new Set<number>();
  const unreadable: string[] = [];
  const numbers = new SeenNumbers();
  let accounts = noSavedAccounts;
  let highestNumber = 0;
  let highestId = 0;
  for (const name of [...names].sort()) {
    const id = segmentId(name, folder);
    if (id === undefined) {
      continue;
    }
    highestId = Math.max(highestId, id);
    const path = join(directory, name);
    const bytes = await fileSystem.read(path).catch(() => null);
    if (bytes === null) {
      unreadable.push(name);
      continue;
    }
    await makeDurable(fileSystem, path);
    const segment: Segment = {
      path,
      bytes: bytes.length,
      last: 0,
      lastTime: undefined,
      unread: 0,
    };
    const positions: number[] = [];
    const reader = new EntryReader(bytes);
    for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
      if (entry === 'accounts') {
        if (reader.accounts.sequence > accounts.sequence) {
          ({ accounts } = reader);
        }
        continue;
      }
      const { position, number } = reader;
      segment.last = Math.max(segment.last, position);
      segment.lastTime = reader.time;
      highestNumber = Math.max(highestNumber, number);
      if (numbers.add(number)) {
        positions.push(position);
      } else {
        repeated.add(position);
      }
    }
    segments.push({ segment, positions });
  }
  return { segments, repeated, accounts, highestNumber, highestId, unreadable };
}

/** Records of a file that cannot be synced are still worth delivering: the next write reports the fault. */
async function makeDurable(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    const file = await fileSystem.open(path);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch {
    // Not synced, its records are delivered all the same.
  }
}

/** The numbers of the records that were found. Almost always they rise, and need no look-up. */
class SeenNumbers {
  readonly #rising: number[] = [];
  #all: Set<number> | undefined;
  #highest = 0;

  /** Takes in a number; false where it was there before. */
  add(number: number): boolean {
    if (number > this.#highest) {
      this.#highest = number;
      this.#all?.add(number);
      this.#rising.push(number);
      return true;
    }
    this.#all ??= new Set(this.#rising);
    if (this.#all.has(number)) {
      return false;
    }
    this.#all.add(number);
    return true;
  }
}
