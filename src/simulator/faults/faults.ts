import { LstmdError } from '../../base/errors.js';

/** Holds what goes wrong on the way of a simulated sensor's bytes, or at the sensor itself. */
export interface Faults {
  /** Share of the bits that are flipped. */
  readonly bits: number;
  /** Share of the bytes that are lost. */
  readonly drops: number;
  /** Share of the rows before which noise stands. */
  readonly garbage: number;
  /** Share of the rows, or answers, that are not sent at all. */
  readonly silence: number;
  /** Bytes are held back and come in bunches this far apart, as a USB adapter holds them for 16 ms; 0 is not at all. */
  readonly bunchMs: number;
  /** A board that each opening of the port resets says nothing for so long, then greets; 0 is no reset. */
  readonly resetMs: number;
  /** The plug is pulled each time after so many seconds, and back 2 s later; 0 is never. */
  readonly unplugSeconds: number;
}

export const noFaults: Faults = {
  bits: 0,
  drops: 0,
  garbage: 0,
  silence: 0,
  bunchMs: 0,
  resetMs: 0,
  unplugSeconds: 0,
};

/** Each fault by its word on the command line: where it stands, its value where none is said, and its largest. */
const words = {
  bits: { key: 'bits', usual: 0.0001, most: 1 },
  drops: { key: 'drops', usual: 0.001, most: 1 },
  garbage: { key: 'garbage', usual: 0.01, most: 1 },
  silence: { key: 'silence', usual: 0.01, most: 1 },
  bunch: { key: 'bunchMs', usual: 16, most: 60_000 },
  reset: { key: 'resetMs', usual: 2000, most: 600_000 },
  unplug: { key: 'unplugSeconds', usual: 10, most: 1_000_000 },
} as const satisfies Record<
  string,
  { readonly key: keyof Faults; readonly usual: number; readonly most: number }
>;

function isWord(text: string): text is keyof typeof words {
  return Object.hasOwn(words, text);
}

/**
 * Reads faults as they are asked for: `bits=0.001,reset`.
 *
 * @throws LstmdError `usage.invalid` for what is none
 */
export function parseFaults(text: string): Faults {
  const faults = new Map<string, number>();
  for (const part of text.split(',')) {
    const [word = '', value, ...more] = part.trim().split('=');
    if (!isWord(word) || more.length > 0) {
      throw new LstmdError(
        'usage.invalid',
        `"${part}" is no fault; there are ${Object.keys(words).join(', ')}, each with a value behind = where the usual one will not do`,
      );
    }
    const { key, usual, most } = words[word];
    const number = value === undefined ? usual : Number(value);
    if (value?.trim() === '' || !(number >= 0 && number <= most)) {
      throw new LstmdError(
        'usage.invalid',
        `${word} must be a number from 0 to ${most}, not "${value}"`,
      );
    }
    faults.set(key, number);
  }
  return { ...noFaults, ...Object.fromEntries(faults) };
}
