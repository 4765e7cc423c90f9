import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { errorCode, LstmdError, reasonOf } from '../base/errors.js';
import { parseEntry, parseHeader, type RecordingEntry, type RecordingHeader } from './entry.js';

/** A line is at most what a link gives at once, in base64, or the samples of that. */
const maxLineBytes = 16 * 2 ** 20;
const newline = 0x0a;

/** A recording that is read from its beginning to its end, once. */
export interface RecordingReader {
  readonly header: RecordingHeader;
  /**
   * The entries in their order. Of a recording that a kill has cut, all that was written is read, and no
   * `end` comes.
   *
   * @throws LstmdError `recording.unreadable` naming file and line, where a line is damaged or of no known form
   */
  readonly entries: AsyncGenerator<RecordingEntry, void, undefined>;
}

/**
 * Opens a recording and reads its header.
 *
 * @throws LstmdError `recording.unreadable` where there is no such file, or it is no recording
 */
export async function openRecording(path: string): Promise<RecordingReader> {
  const lines = linesOf(path);
  const first = await lines.next();
  const header = first.done === true ? 'it is empty' : parseHeader(first.value);
  if (typeof header === 'string') {
    await lines.return();
    throw new LstmdError('recording.unreadable', `${path}: ${header}`);
  }
  return { header, entries: entriesOf(path, lines, header.axes.length) };
}

async function* entriesOf(
  path: string,
  lines: AsyncGenerator<string, void, undefined>,
  axes: number,
): AsyncGenerator<RecordingEntry, void, undefined> {
  let lineNumber = 1;
  for await (const line of lines) {
    lineNumber += 1;
    const entry = parseEntry(line, axes);
    if (entry === null) {
      throw new LstmdError(
        'recording.unreadable',
        `${path}, line ${lineNumber} of its text: no entry of a recording: ${line.slice(0, 80)}`,
      );
    }
    yield entry;
  }
}

/** The whole lines of a gzip file; a line that a cut has left without its end is none. */
async function* linesOf(path: string): AsyncGenerator<string, void, undefined> {
  // The error of either stream reaches the loop below through the second.
  const unpacked: Readable = pipeline(createReadStream(path), createGunzip(), () => undefined);
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = rest.indexOf(newline); end !== -1; end = rest.indexOf(newline, start)) {
        yield rest.toString('utf8', start, end);
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > maxLineBytes) {
        throw new LstmdError('recording.unreadable', `${path}: a line of it never ends`);
      }
    }
  } catch (cause) {
    // The last piece was being written when the process was killed.
    if (errorCode(cause) === 'Z_BUF_ERROR') {
      return;
    }
    throw cause instanceof LstmdError
      ? cause
      : new LstmdError('recording.unreadable', `cannot read ${path}: ${reasonOf(cause)}`, {
          cause,
        });
  }
}
