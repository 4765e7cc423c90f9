import { open, type FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { LstmdError, reasonOf } from '../base/errors.js';
import { entryLine, headerLine, type RecordingEntry, type RecordingHeader } from './entry.js';

const compress = promisify(gzip);

export interface WriterOptions {
  /** Lines wait in memory for so long at most: what a kill may cost; default 1 s. */
  readonly flushMs?: number;
  /** Takes LstmdError `recording.write`, once, when something could not be written. */
  readonly onFailure?: (error: LstmdError) => void;
}

/** Lines are written sooner when they are more than this. */
const flushChars = 256 * 1024;

/**
 * Writes a recording: a line of JSON an entry, in pieces that are each a whole member of a gzip file. So
 * what is on disk can be read at any moment, by `zcat` too, and a kill costs the last piece alone.
 */
export class RecordingWriter {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #axes: number;
  readonly #flushMs: number;
  readonly #onFailure: (error: LstmdError) => void;
  #lines: string[] = [];
  #chars = 0;
  #timer: NodeJS.Timeout | undefined;
  /** The writes so far, one after the other; never rejects. */
  #written: Promise<void> = Promise.resolve();
  #failure: LstmdError | undefined;
  /** Bytes of the file so far. */
  #bytes = 0;

  private constructor(file: FileHandle, path: string, axes: number, options: WriterOptions) {
    this.#file = file;
    this.#path = path;
    this.#axes = axes;
    this.#flushMs = options.flushMs ?? 1000;
    this.#onFailure = options.onFailure ?? (() => undefined);
  }

  /**
   * Begins a recording in a new file.
   *
   * @throws LstmdError `recording.write` where the file exists or cannot be made
   */
  static async create(
    path: string,
    header: RecordingHeader,
    options: WriterOptions = {},
  ): Promise<RecordingWriter> {
    let file: FileHandle;
    try {
      file = await open(path, 'wx');
    } catch (cause) {
      throw new LstmdError('recording.write', `cannot begin ${path}: ${reasonOf(cause)}`, {
        cause,
      });
    }
    const writer = new RecordingWriter(file, path, header.axes.length, options);
    writer.#add(headerLine(header));
    return writer;
  }

  /** Bytes that are in the file by now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes an entry; its arrays may be reused after the call. After a failure it is passed over. */
  write(entry: RecordingEntry): void {
    if (this.#failure === undefined) {
      this.#add(entryLine(entry, this.#axes));
    }
  }

  /**
   * Ends the recording with what waits still.
   *
   * @param atMs monotonic
   * @throws LstmdError `recording.write` when something, now or before, could not be written
   */
  async end(atMs: number): Promise<void> {
    this.write({ kind: 'end', atMs });
    this.#flush();
    await this.#written;
    await this.#file.close();
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  #add(line: string): void {
    this.#lines.push(line);
    this.#chars += line.length;
    if (this.#chars >= flushChars) {
      this.#flush();
    } else {
      this.#timer ??= setTimeout(() => this.#flush(), this.#flushMs);
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = `${this.#lines.join('\n')}\n`;
    this.#lines = [];
    this.#chars = 0;
    this.#written = this.#written.then(() => this.#append(text));
  }

  async #append(text: string): Promise<void> {
    if (this.#failure !== undefined) {
      return;
    }
    try {
      const piece = await compress(text);
      await this.#file.appendFile(piece);
      this.#bytes += piece.length;
      await this.#file.datasync();
    } catch (cause) {
      this.#failure = new LstmdError(
        'recording.write',
        `cannot write ${this.#path}: ${reasonOf(cause)}; what it holds so far can be read`,
        { cause },
      );
      this.#onFailure(this.#failure);
    }
  }
}
