import type { OpenFile } from '../../../platform/file-system.js';
import type { RecordTime } from './record-clock.js';
import { segmentPath, type Segment, type SegmentFolder } from './segment.js';

/** Entries that are written at once. */
export interface Batch {
  /** Whole pages. */
  readonly bytes: Uint8Array;
  /** Number of records among the entries. */
  readonly records: number;
  /** Position of the newest record; 0 without records. */
  readonly last: number;
  /** When that record was made; undefined without records. */
  readonly lastTime: RecordTime | undefined;
}

export interface SegmentWriterOptions extends SegmentFolder {
  /** A new file is begun rather than making one larger than this. */
  readonly segmentBytes: number;
  /** Told of each file that is begun. */
  readonly begun: (segment: Segment) => void;
  /** Told of a file that was begun and has nothing in it after all. */
  readonly abandoned: (segment: Segment) => void;
}

/** Appends batches to the newest segment file of one kind. Only one call of `append` at a time. */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #active: { readonly segment: Segment; readonly file: OpenFile } | undefined;
  #newest: Segment | undefined;
  #isAppending = false;
  #nextId = 1;
  #bytesWritten = 0;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
  }

  /** Has the names of new files follow those that were found. */
  nameAfter(highestId: number): void {
    this.#nextId = Math.max(this.#nextId, highestId + 1);
  }

  /** The path of the next file, which no other has. */
  newPath(): string {
    const path = segmentPath(this.#options, this.#nextId);
    this.#nextId += 1;
    return path;
  }

  /** The file that is written to; undefined where the next batch begins a new one. */
  get active(): Segment | undefined {
    return this.#active?.segment;
  }

  /** The file that the last batch went to; undefined before the first. */
  get newest(): Segment | undefined {
    return this.#newest;
  }

  get isAppending(): boolean {
    return this.#isAppending;
  }

  /** Bytes given to the disk by this process. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /**
   * Puts a batch on disk.
   *
   * @throws whatever the file system does, and then nothing of the batch counts
   */
  async append({ bytes, records, last, lastTime }: Batch): Promise<void> {
    this.#isAppending = true;
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
        Object.assign(segment, { last, lastTime });
      }
    } catch (error) {
      await this.#abandon();
      throw error;
    } finally {
      this.#isAppending = false;
    }
  }

  /** Ends the file that is written to; the next batch begins a new one. */
  seal(): void {
    const file = this.#active?.file;
    this.#active = undefined;
    // The bytes were synced: close(2) has no failure left to report.
    if (file !== undefined) {
      void file.close().catch(() => {});
    }
  }

  async #activeFor(bytes: number): Promise<{ segment: Segment; file: OpenFile }> {
    const { directory, fileSystem, segmentBytes, begun } = this.#options;
    if (this.#active !== undefined) {
      const { segment, file } = this.#active;
      // An open file whose directory was removed and made again has no name any more.
      const isThere = (await file.stat()).links > 0;
      const hasRoom = segment.bytes === 0 || segment.bytes + bytes <= segmentBytes;
      if (isThere && hasRoom) {
        return this.#active;
      }
      this.seal();
    }
    await fileSystem.makeDirectory(directory);
    const path = this.newPath();
    const file = await fileSystem.open(path);
    const segment: Segment = { path, bytes: 0, last: 0, lastTime: undefined, unread: 0 };
    begun(segment);
    this.#active = { segment, file };
    return this.#active;
  }

  /**
   * Ends the file after a failed write, for nobody knows which of the bytes arrived: no batch may come
   * behind them. They are cut off, since on a full disk they are in the way.
   */
  async #abandon(): Promise<void> {
    const { segment, file } = this.#active ?? {};
    this.#active = undefined;
    if (segment === undefined || file === undefined) {
      return;
    }
    if (segment.bytes === 0) {
      this.#options.abandoned(segment);
    }
    try {
      await truncateAndClose(file, segment.bytes);
      if (segment.bytes === 0) {
        await this.#options.fileSystem.remove(segment.path);
      }
    } catch {
      // Records that are found twice at the next start are told by their numbers.
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
