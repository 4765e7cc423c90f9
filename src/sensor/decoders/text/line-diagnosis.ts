/** Bytes of which no line became a row, as a person needs them told. */
export interface LineDiagnosis {
  /** The last of the bytes: a line in quotes, or hex. */
  readonly shown: string;
  /** The likely cause, and what to set or change; undefined where the look of the bytes tells none. */
  readonly cause: string | undefined;
}

/** More than this share of bytes that no text has is no text. */
const mostUnprintable = 0.1;
const shownCharacters = 80;
const shownBytes = 24;
/** A sensor that ends its lines has ended one within so many bytes. */
const longestWithoutEnd = 200;

/** The way out where neither baud rate nor format is known. */
export const detectRemedy = 'with lstmd stopped, lstmd detect PORT tries them all';

/**
 * Tells why bytes that were expected to be lines of numbers may be none.
 *
 * @param bytes the last that came, at least 1
 */
export function diagnoseLines(bytes: Uint8Array): LineDiagnosis {
  if (!isText(bytes)) {
    return {
      shown: hex(bytes),
      cause:
        'these bytes are no text: either the sensor sends at another baud rate, which sensor.baudRate must ' +
        `name, or it speaks a binary protocol, which sensor.decoder must name; ${detectRemedy}`,
    };
  }
  const text = String.fromCharCode(...bytes);
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll('\0', '').trim())
    .filter((line) => line !== '');
  // The first of several may be the rest of a line, and the last its beginning.
  const whole = lines.length > 2 ? lines.slice(1, -1) : lines;
  const line = whole.at(-1) ?? '';
  const shown = `"${line.slice(0, shownCharacters).replaceAll(/[^\x20-\x7e\t]/g, '?')}${line.length > shownCharacters ? '..."' : '"'}`;
  return { shown, cause: causeOf(text, line) };
}

function causeOf(text: string, line: string): string | undefined {
  if (text.length >= longestWithoutEnd && !/[\r\n]/.test(text)) {
    return 'no line ends: the sensor must end each row with a newline, as println does and print does not';
  }
  if (/^[[{]/.test(line)) {
    return 'this looks like JSON: set sensor.decoder to jsonl';
  }
  if (isLabelled(line)) {
    return 'the numbers have names beside them: name the axes in sensor.axes as the sensor does';
  }
  if (!/(^|[\s,;:=])[-+]?\.?\d/.test(line)) {
    return 'these are words of the sensor itself: an error to mend there, or it waits for something, or is still starting';
  }
  return undefined;
}

/** Returns whether a line is pairs of a name and a number, and no sentence that has one of them. */
function isLabelled(line: string): boolean {
  const pairs = line.match(/[a-z_]\w*"?\s*[:=]\s*"?[-+]?\.?\d/gi) ?? [];
  return pairs.length > 1 || (pairs.length === 1 && !/\s\S+\s/.test(line));
}

/** Returns whether bytes can be lines of text: nearly all of them are printable, blank or a line end. */
export function isText(bytes: Uint8Array): boolean {
  const odd = bytes.reduce((count, byte) => count + (isPrintable(byte) ? 0 : 1), 0);
  return odd <= mostUnprintable * bytes.length;
}

/** The first bytes in hex, as in a manual of a binary protocol. */
export function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, shownBytes), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join(' ');
  return `${shown}${bytes.length > shownBytes ? ' ...' : ''}`;
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x20 && byte <= 0x7e) || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
