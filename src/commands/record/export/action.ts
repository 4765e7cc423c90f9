import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LstmdError } from '../../../base/errors.js';
import { csvLines } from '../../../recording/csv-export.js';
import { openRecording } from '../../../recording/recording-reader.js';
import { printLines } from '../../terminal/line-writer.js';
import { notWritten } from '../../terminal/not-written.js';

/**
 * Writes the samples of a recording as CSV.
 *
 * @param output the file; undefined for stdout
 * @throws LstmdError `recording.unreadable`, `output.write`
 */
export async function exportRecording(file: string, output: string | undefined): Promise<void> {
  const lines = csvLines(await openRecording(file));
  if (output === undefined) {
    await printLines(async (writer) => {
      for await (const line of lines) {
        await writer.write(line);
      }
    });
    return;
  }
  try {
    await pipeline(Readable.from(withEnds(lines)), createWriteStream(output));
  } catch (cause) {
    throw cause instanceof LstmdError ? cause : notWritten(output, cause);
  }
}

async function* withEnds(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) {
    yield `${line}\n`;
  }
}
