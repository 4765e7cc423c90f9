import { basename } from 'node:path';
import { EntryReader, type LoggedRecord } from './log-entry.js';
import type { RecordTime } from './record-clock.js';
import type { SegmentScan } from './segment-scan.js';
import { SegmentWriter, type Batch } from './segment-writer.js';
import type { Segment, SegmentFolder } from './segment.js';

export interface SegmentLogOptions extends SegmentFolder {
  /** A new file is begun rather than making one larger than this. */
  readonly segmentBytes: number;
  /** Told of records that were there and cannot be read any more, and whether their file is gone. */
  readonly lost: (count: number, isRemoved: boolean) => void;
}

/**
 * The records of one kind on disk, in the order of their positions: segment files that are only appended
 * to, read from the front, and removed whole. Nothing is ever rewritten, so that flash sees each record
 * once. Only one call of `append`, `dropOldest` or `removeSettled` at a time.
 */
export class SegmentLog {
  readonly #options: SegmentLogOptions;
  readonly #writer: SegmentWriter;
  #segments: Segment[] = [];
  #reading: { readonly segment: Segment; readonly reader: EntryReader } | undefined;
  /** Positions of records that come a second time: they are passed over. */
  #repeated = new Set<number>();
  #lastRead = 0;
  #nextPosition = 1;

  constructor(options: SegmentLogOptions) {
    const { directory, kind, fileSystem, segmentBytes } = options;
    this.#options = options;
    this.#writer = new SegmentWriter({
      directory,
      kind,
      fileSystem,
      segmentBytes,
      begun: (segment) => this.#segments.push(segment),
      abandoned: (segment) => this.#forget(segment),
    });
  }

  /**
   * Takes over what an earlier process left; comes before all other calls.
   *
   * @param floor records up to this position are settled, and those behind it wait
   * @returns how many wait
   */
  begin({ segments, repeated, highestId }: SegmentScan, floor: number): number {
    this.#lastRead = floor;
    this.#nextPosition = floor + 1;
    this.#repeated = new Set(repeated);
    this.#segments = segments.map(({ segment, positions }) => {
      segment.unread = positions.filter((position) => position > floor).length;
      this.#nextPosition = Math.max(this.#nextPosition, segment.last + 1);
      return segment;
    });
    this.#writer.nameAfter(highestId);
    return this.unread;
  }

  /** The first of so many positions, which come in no other batch, whatever becomes of this one. */
  reserve(records: number): number {
    const first = this.#nextPosition;
    this.#nextPosition += records;
    return first;
  }

  /**
   * Puts a batch on disk.
   *
   * @throws whatever the file system does, and then nothing of the batch counts
   */
  append(batch: Batch): Promise<void> {
    return this.#writer.append(batch);
  }

  /** The path of a new file behind all others. */
  newPath(): string {
    return this.#writer.newPath();
  }

  /** The next record that waits; undefined where none is in memory, which `load` changes. */
  next(): LoggedRecord | undefined {
    const { segment, reader } = this.#reading ?? {};
    if (segment === undefined || reader === undefined) {
      return undefined;
    }
    for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
      if (entry === 'accounts' || reader.position <= this.#lastRead) {
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
   * Reads the next file with records that wait into memory.
   *
   * @returns whether `next` may give a record that it did not give before
   * @throws whatever the file system does
   */
  async load(): Promise<boolean> {
    const segment = this.#oldestUnread();
    if (segment === undefined || this.#reading !== undefined) {
      return false;
    }
    if (segment === this.#writer.active) {
      if (this.#writer.isAppending) {
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
      this.#removed(segment);
    } else {
      this.#reading = { segment, reader: new EntryReader(bytes.subarray(0, segment.bytes)) };
    }
    return true;
  }

  /** Number of records that wait and were not read yet. */
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

  /** Bytes given to the disk by this process. */
  get bytesWritten(): number {
    return this.#writer.bytesWritten;
  }

  /** When the newest record was made of the oldest file with records that were not read yet; undefined without one. */
  get oldestTime(): RecordTime | undefined {
    return this.#oldestUnread()?.lastTime;
  }

  /**
   * Gives up what was not read of the oldest file with such records.
   *
   * @returns how many records these were, and the position of the last
   */
  dropOldest(): { readonly records: number; readonly last: number } {
    const segment = this.#oldestUnread();
    if (segment === undefined) {
      return { records: 0, last: 0 };
    }
    if (segment === this.#writer.active) {
      this.seal();
    }
    if (segment === this.#reading?.segment) {
      this.#reading = undefined;
    }
    const { unread: records, last } = segment;
    this.#passOver(segment);
    return { records, last };
  }

  /**
   * Removes the files of which durable accounts say that they are settled.
   *
   * @param floor position up to which records are settled
   * @param keepsNewest the file of the last batch stays, for it holds these accounts
   * @throws what the file system gave for the first file that could not be removed; the others are
   */
  async removeSettled(floor: number, keepsNewest: boolean): Promise<void> {
    const newest = keepsNewest ? this.#writer.newest : undefined;
    const inUse = new Set([newest, this.#writer.active, this.#reading?.segment]);
    const failures: unknown[] = [];
    for (const segment of this.#segments.slice()) {
      if (inUse.has(segment) || segment.unread > 0 || segment.last > floor) {
        continue;
      }
      try {
        await this.#options.fileSystem.remove(segment.path);
        this.#forget(segment);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) {
      throw failures[0];
    }
  }

  /**
   * Gives up the files that somebody else removed: their records that were not read are lost.
   *
   * @param names of the files that are in the folder
   * @returns whether the file of the last batch, and the accounts in it, were among them
   */
  giveUpRemoved(names: ReadonlySet<string>): boolean {
    const { newest } = this.#writer;
    for (const segment of this.#segments.filter(({ path }) => !names.has(basename(path)))) {
      if (segment === this.#writer.active) {
        this.seal();
      }
      // What was read of it into memory is delivered from there.
      if (segment !== this.#reading?.segment) {
        this.#removed(segment);
      }
    }
    return newest !== undefined && !names.has(basename(newest.path));
  }

  /** Ends the file that is written to; the next batch begins a new one. */
  seal(): void {
    this.#writer.seal();
  }

  #oldestUnread(): Segment | undefined {
    return this.#segments.find(({ unread }) => unread > 0);
  }

  #forget(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
  }

  /** The reader came to the end of a file: what it did not give is lost. */
  #endReading(segment: Segment): void {
    this.#reading = undefined;
    if (segment.unread === 0) {
      return;
    }
    this.#options.lost(segment.unread, false);
    this.#passOver(segment);
  }

  /** A file is gone. Others before it may wait still, so that nothing is passed over. */
  #removed(segment: Segment): void {
    this.#forget(segment);
    if (segment.unread > 0) {
      this.#options.lost(segment.unread, true);
      segment.unread = 0;
    }
  }

  #passOver(segment: Segment): void {
    segment.unread = 0;
    this.#lastRead = Math.max(this.#lastRead, segment.last);
  }
}
