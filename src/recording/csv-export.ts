import { floatText } from '../base/float-text.js';
import type { RecordingReader } from './recording-reader.js';

/**
 * The samples of a recording as CSV: a header, then a line a sample with its time (epoch milliseconds), its
 * readings, and its label, which is empty where it has none.
 *
 * @yields lines without their ends
 */
export async function* csvLines({ header, entries }: RecordingReader): AsyncGenerator<string> {
  const { axes } = header;
  yield ['time_ms', ...axes, 'label'].map(csvField).join(',');
  let label = '';
  for await (const entry of entries) {
    if (entry.kind === 'label') {
      label = csvField(entry.label ?? '');
    } else if (entry.kind === 'samples') {
      for (let n = 0; n < entry.count; n += 1) {
        let line = String(entry.timeMs[n] ?? 0);
        for (let axis = 0; axis < axes.length; axis += 1) {
          line += `,${floatText(entry.values[n * axes.length + axis] ?? 0)}`;
        }
        yield `${line},${label}`;
      }
    }
  }
}

/** A field as RFC 4180 has it: in quotes where it would else be read as more than one. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
