import { join } from 'node:path';
import type { FileSystem, OpenFile } from '../../../platform/file-system.js';
import type { RecordKind } from '../record.js';
import { FrameReader, type LoggedRecord } from './log-entry.js';
import { emptyLedger, type Ledger } from './ledger.js';

/** A file of the log. Only the last is written to, and only at its end. */
interface Segment {
  readonly path: string;
  /** What is known to be on disk. */
  bytes: number;
  /** Position and time of the newest record in it; 0 where there is none. */
  last: number;
  lastWallMs: number;
  unread: number;
}

/** What is written at once. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly records: number;
  /** Position and time of its newest record; 0 without records. */
  readonly last: number;
  readonly lastWallMs: number;
}

export interface SegmentLogOptions {
  readonly directory: string;
  readonly kind: RecordKind;
  readonly fileSystem: FileSystem;
  /** A new file is begun rather than making one larger than this. */
  readonly segmentBytes: number;
  /** Records that were there and cannot be read any more. */
  readonly lost: (count: number) => void;
}

/** What an earlier process left of one kind. */
export interface Found {
  readonly ledger: Ledger;
  /** Highest number of a record; 0 where there is none. */
  readonly highest: number;
  /** Names of files that could not be read. */
  readonly unreadable: readonly string[];
}

/**
 * The records of one kind on disk, in the order of their positions: files that are only appended to,
 * read from the front, and removed whole. Nothing is ever rewritten, so that flash sees each record
 * once. Only one call of `append`, `dropOldest` or `removeSettled` at a time.
 */
export class SegmentLog {
  readonly #options: SegmentLogOptions;
  #segments: Segment[] = [];
  #nextId = 1;
  #active: { readonly segment: Segment; readonly file: OpenFile } | undefined;
  /** The one that the last batch went to. */
  #newest: Segment | undefined;
  #appending = false;
  #reading: { readonly segment: Segment; readonly reader: FrameReader } | undefined;
  /** Positions in each of the files that were found. */
  #found = new Map<Segment, number[]>();
  /** Positions of records that have the number of one before them: their write failed and yet arrived. */
  readonly #repeated = new Set<number>();
  #lastRead = 0;
  #nextPosition = 1;
  #bytesWritten = 0;

  constructor(options: SegmentLogOptions) {
    this.#options = options;
  }

  /**
   * Reads what is there and makes it durable, for the process before may have ended between a write
   * and its sync. `startAfter` must follow.
   */
  async scan(names: readonly string[]): Promise<Found> {
    const { directory, kind, fileSystem } = this.#options;
    const pattern = new RegExp(`^${kind}-(\\d{10})\\.log$`);
    const unreadable: string[] = [];
    const numbers = new SeenNumbers();
    let ledger = emptyLedger;
    let highest = 0;
    this.#segments = [];
    this.#found.clear();
    for (const name of [...names].sort()) {
      const id = pattern.exec(name)?.[1];
      if (id === undefined) {
        continue;
      }
      this.#nextId = Math.max(this.#nextId, Number(id) + 1);
      const path = join(directory, name);
      const bytes = await fileSystem.read(path).catch(() => null);
      if (bytes === null) {
        unreadable.push(name);
        continue;
      }
      await this.#sync(path);
      const segment = { path, bytes: bytes.length, last: 0, lastWallMs: 0, unread: 0 };
      const positions: number[] = [];
      const reader = new FrameReader(bytes);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        if (frame === 'ledger') {
          if (reader.ledger.sequence > ledger.sequence) {
            ({ ledger } = reader);
          }
          continue;
        }
        const { position, number, wallMs } = reader;
        segment.last = Math.max(segment.last, position);
        segment.lastWallMs = wallMs;
        highest = Math.max(highest, number);
        if (numbers.add(number)) {
          positions.push(position);
        } else {
          this.#repeated.add(position);
        }
      }
      this.#nextPosition = Math.max(this.#nextPosition, segment.last + 1);
      this.#segments.push(segment);
      this.#found.set(segment, positions);
    }
    return { ledger, highest, unreadable };
  }

  /** Records up to this position are settled; what comes after them waits. Returns how many do. */
  startAfter(floor: number): number {
    let waiting = 0;
    for (const [segment, positions] of this.#found) {
      segment.unread = positions.filter((position) => position > floor).length;
      waiting += segment.unread;
    }
    this.#found.clear();
    this.#lastRead = floor;
    this.#nextPosition = Math.max(this.#nextPosition, floor + 1);
    return waiting;
  }

  /** The first of so many positions, which come in no other batch, whatever becomes of this one. */
  reserve(records: number): number {
    const first = this.#nextPosition;
    this.#nextPosition += records;
    return first;
  }

  /** Puts a batch on disk. @throws whatever the file system does, and then nothing of it counts. */
  async append({ bytes, records, last, lastWallMs }: Batch): Promise<void> {
    this.#appending = true;
    try {
      const { segment, file } = await this.#activeFor(bytes.length);
      await file.write(bytes, segment.bytes);
      await file.sync();
      if (segment.bytes === 0) {
        await this.#options.fileSystem.syncDirectory(this.#options.directory);
      }
      this.#bytesWritten += bytes.length;
      segment.bytes += bytes.length;
      this.#newest = segment;
      segment.unread += records;
      if (records > 0) {
        Object.assign(segment, { last, lastWallMs });
      }
    } catch (error) {
      await this.#abandon();
      throw error;
    } finally {
      this.#appending = false;
    }
  }

  /** The next record that waits; undefined where none is in memory: see `load`. */
  next(): LoggedRecord | undefined {
    const { segment, reader } = this.#reading ?? {};
    if (segment === undefined || reader === undefined) {
      return undefined;
    }
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      if (frame === 'ledger' || reader.position <= this.#lastRead) {
        continue;
      }
      this.#lastRead = reader.position;
      if (this.#repeated.delete(reader.position)) {
        continue;
      }
      segment.unread -= 1;
      return reader.record;
    }
    this.#endReading(segment);
    return undefined;
  }

  /**
   * Reads the next file with records that wait into memory; false where there is none now.
   *
   * @throws whatever the file system does
   */
  async load(): Promise<boolean> {
    const segment = this.#segments.find(({ unread }) => unread > 0);
    if (segment === undefined || this.#reading !== undefined) {
      return false;
    }
    if (segment === this.#active?.segment) {
      if (this.#appending) {
        return false;
      }
      this.seal();
    }
    const bytes = await this.#options.fileSystem.read(segment.path);
    // Its records may have been dropped in the meantime.
    if (segment.unread === 0) {
      return true;
    }
    if (bytes === null) {
      this.#endReading(segment);
    } else {
      this.#reading = { segment, reader: new FrameReader(bytes.subarray(0, segment.bytes)) };
    }
    return true;
  }

  /** Number of records that were not read yet. */
  get unread(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.unread, 0);
  }

  /** Bytes of the files that hold records which were not read yet. */
  get unreadBytes(): number {
    return this.#segments.reduce((sum, { bytes, unread }) => sum + (unread > 0 ? bytes : 0), 0);
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Bytes given to the disk; batches are of whole pages. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** The oldest file with records that were not read yet. */
  get oldest(): { readonly last: number; readonly lastWallMs: number } | undefined {
    return this.#segments.find(({ unread }) => unread > 0);
  }

  /** Gives up what was not read of the oldest such file. */
  dropOldest(): { readonly records: number; readonly last: number } {
    const segment = this.#segments.find(({ unread }) => unread > 0);
    if (segment === undefined) {
      return { records: 0, last: 0 };
    }
    if (segment === this.#active?.segment) {
      this.seal();
    }
    if (segment === this.#reading?.segment) {
      this.#reading = undefined;
    }
    const { unread: records, last } = segment;
    segment.unread = 0;
    this.#lastRead = Math.max(this.#lastRead, last);
    return { records, last };
  }

  /**
   * Removes the files of which a durable ledger says that they are settled: all up to a position.
   *
   * @param keepsNewest the ledger is in the file that the last batch went to
   */
  async removeSettled(floor: number, keepsNewest: boolean): Promise<void> {
    const newest = keepsNewest ? this.#newest : undefined;
    const inUse = new Set([newest, this.#active?.segment, this.#reading?.segment]);
    for (const segment of this.#segments.slice()) {
      if (inUse.has(segment) || segment.unread > 0 || segment.last > floor) {
        continue;
      }
      await this.#options.fileSystem.remove(segment.path);
      this.#segments = this.#segments.filter((other) => other !== segment);
    }
  }

  /** Ends the file that is written to; the next batch begins a new one. */
  seal(): void {
    const file = this.#active?.file;
    this.#active = undefined;
    // What close(2) has to say, the sync before it has said.
    if (file !== undefined) {
      void file.close().catch(() => {});
    }
  }

  /**
   * After a failed write it is not known what became of the bytes: nothing may come behind them. On a
   * full disk they are in the way.
   */
  async #abandon(): Promise<void> {
    const { segment, file } = this.#active ?? {};
    this.#active = undefined;
    if (segment === undefined || file === undefined) {
      return;
    }
    if (segment.bytes === 0) {
      this.#segments = this.#segments.filter((other) => other !== segment);
    }
    try {
      await truncateAndClose(file, segment.bytes);
      if (segment.bytes === 0) {
        await this.#options.fileSystem.remove(segment.path);
      }
    } catch {
      // The numbers tell those that are found twice at the next start.
    }
  }

  #endReading(segment: Segment): void {
    this.#reading = undefined;
    if (segment.unread === 0) {
      return;
    }
    this.#options.lost(segment.unread);
    segment.unread = 0;
    this.#lastRead = Math.max(this.#lastRead, segment.last);
  }

  async #activeFor(bytes: number): Promise<{ segment: Segment; file: OpenFile }> {
    const { directory, kind, fileSystem, segmentBytes } = this.#options;
    if (this.#active !== undefined) {
      const { segment, file } = this.#active;
      // A directory that was removed and made again would leave us writing to a file with no name.
      const isThere = (await file.stat()).links > 0;
      const hasRoom = segment.bytes === 0 || segment.bytes + bytes <= segmentBytes;
      if (isThere && hasRoom) {
        return this.#active;
      }
      this.seal();
    }
    await fileSystem.makeDirectory(directory);
    const id = String(this.#nextId).padStart(10, '0');
    const path = join(directory, `${kind}-${id}.log`);
    const file = await fileSystem.open(path);
    this.#nextId += 1;
    const segment = { path, bytes: 0, last: 0, lastWallMs: 0, unread: 0 };
    this.#segments.push(segment);
    this.#active = { segment, file };
    return this.#active;
  }

  /** Where that cannot be done, what was read is still worth delivering. */
  async #sync(path: string): Promise<void> {
    try {
      const file = await this.#options.fileSystem.open(path);
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    } catch {
      // The next write will say so.
    }
  }
}

async function truncateAndClose(file: OpenFile, bytes: number): Promise<void> {
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

/** The numbers of the records that were found. Almost always they rise, and need not be looked up. */
class SeenNumbers {
  readonly #rising: number[] = [];
  #all: Set<number> | undefined;
  #highest = 0;

  /** False where it was there before. */
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
