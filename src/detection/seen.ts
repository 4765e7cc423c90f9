import { hasDecimalCommas } from '../sensor/decoders/text/decimal-commas.js';
import { hex, isText } from '../sensor/decoders/text/line-diagnosis.js';
import { bytesOf, type Capture } from './capture.js';
import { isPositionSentence } from './csv-candidates.js';
import { wholeLines } from './text-lines.js';

/** Holds what came at one speed, for a person. */
export interface Seen {
  readonly bytesPerSecond: number;
  /** A line in quotes, or hex. */
  readonly shown: string;
  readonly kind: 'nothing' | 'text' | 'positions' | 'bytes';
  readonly words: string;
}

/** Tells what bytes are that no format reads with confidence. */
export function lookAt(capture: Capture, listenedMs: number): Seen {
  const bytes = bytesOf(capture);
  const bytesPerSecond = Math.round((1000 * bytes.length) / Math.max(1, listenedMs));
  if (bytes.length === 0) {
    return { bytesPerSecond, shown: '', kind: 'nothing', words: 'nothing came' };
  }
  if (!isText(bytes)) {
    return {
      bytesPerSecond,
      shown: hex(bytes),
      kind: 'bytes',
      words: hasManyStops(bytes)
        ? 'no text and no known frames: it looks like another baud'
        : 'no text and no known frames: binary of another format, noise, or another baud',
    };
  }
  const lines = wholeLines(bytes);
  const line = lines.at(-1) ?? Buffer.from(bytes.subarray(-80)).toString('latin1').trim();
  const shown = JSON.stringify(line.slice(0, 80).replaceAll(/[^\x20-\x7e\t]/g, '?'));
  if (lines.some(isPositionSentence)) {
    const words = 'NMEA sentences of a satellite receiver: positions, and no motion sensor';
    return { bytesPerSecond, shown, kind: 'positions', words };
  }
  const words = lines.some(hasDecimalCommas)
    ? 'numbers with decimal commas, where commas separate: have the sensor write points, or separate by ";" or a tab'
    : 'text, and no rows of numbers in it';
  return { bytesPerSecond, shown, kind: 'text', words };
}

/** Returns whether few values make up most bytes, as where one speed is read at another. */
function hasManyStops(bytes: Uint8Array): boolean {
  const counts = new Map<number, number>();
  for (const byte of bytes) {
    counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  const most = [...counts.values()].toSorted((a, b) => b - a).slice(0, 16);
  return bytes.length >= 32 && most.reduce((sum, count) => sum + count, 0) > 0.6 * bytes.length;
}
