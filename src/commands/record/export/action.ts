import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csvLines } from '../../../recording/csv-export.js';
import { openRecording } from '../../../recording/recording-reader.js';
import { printLines } from '../../terminal/line-writer.js';
import { notWritten } from '../../terminal/not-written.js';

/**
 * Writes the samples of a recording as CSV.
 *
 * @param output the file; undefined for stdout
 * @throws LstmdError `recording.unreadable` after the samples before the damage, `output.write`
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
  // A source that fails would take with it what the file has not taken yet.
  const faults: unknown[] = [];
  try {
    await pipeline(Readable.from(untilFault(lines, faults)), createWriteStream(output));
  } catch (cause) {
    throw notWritten(output, cause);
  }
  if (faults.length > 0) {
    throw faults[0];
  }
}

/** Gives the lines with their ends, up to a fault, which is kept. */
async function* untilFault(
  lines: AsyncIterable<string>,
  faults: unknown[],
): AsyncGenerator<string> {
  try {
    for await (const line of lines) {
      yield `${line}\n`;
    }
  } catch (cause) {
    faults.push(cause);
  }
}
