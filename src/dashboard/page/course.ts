import type { Columns, Mark, StreamFacts } from '../messages.js';

/** The time that plots show, milliseconds. */
export const shownMs = 60_000;
/** A page keeps so many, which is more than it shows, for a sensor whose clock was set. */
const mostColumns = 6000;
const mostMarks = 400;

/** The values of a line: null ends it there, and undefined is passed over. */
type Row = (number | null | undefined)[];

/** Keeps what a page was told of a stream since it was opened, over restarts of the device. */
export class Course {
  readonly facts: StreamFacts;
  readonly timeMs: number[] = [];
  readonly low: Row[];
  readonly high: Row[];
  readonly outputs: Row[];
  readonly marks: Mark[] = [];

  constructor(facts: StreamFacts) {
    this.facts = facts;
    this.low = emptyRows(facts.features.length);
    this.high = emptyRows(facts.features.length);
    this.outputs = emptyRows(facts.outputs.length);
  }

  /** Returns whether another start of the device has the same lines. */
  fits(facts: StreamFacts): boolean {
    return namesOf(facts) === namesOf(this.facts);
  }

  /** Adds what a connection begins with, as far as it is newer than what is there: some of it may have come before. */
  begin(columns: Columns): void {
    this.#add(columns, this.timeMs.at(-1) ?? -Infinity);
  }

  /** Adds columns that follow. */
  add(columns: Columns): void {
    this.#add(columns, -Infinity);
  }

  addMarks(marks: readonly Mark[]): void {
    const known = new Set(this.marks.map((mark) => JSON.stringify(mark)));
    this.marks.push(...marks.filter((mark) => !known.has(JSON.stringify(mark))));
    this.marks.splice(0, Math.max(0, this.marks.length - mostMarks));
  }

  /** The newest value of each output that has one. */
  newest(): (number | null)[] {
    return this.outputs.map((row) => newestOf(row));
  }

  /**
   * A line ends where samples are missing.
   *
   * @param afterMs what is older, or of this time, is passed over
   */
  #add({ timeMs, low, high, outputs }: Columns, afterMs: number): void {
    const columnMs = (1000 * this.facts.columnSamples) / this.facts.rateHz;
    const breakMs = Math.max(4 * columnMs, 500);
    for (const [n, givenMs] of timeMs.entries()) {
      if (givenMs <= afterMs) {
        continue;
      }
      const last = this.timeMs.at(-1) ?? givenMs;
      // A clock that was set back, or a burst of samples, does not send a line back.
      const at = Math.max(givenMs, last);
      if (at - last > breakMs) {
        this.#put(last + 1, () => null);
      }
      // Of samples that were read together only the last has an output here.
      this.#put(at, (rows, row) => rows[row]?.[n] ?? undefined, { low, high, outputs });
    }
    this.#trim();
  }

  #put(
    at: number,
    pick: (rows: readonly (readonly (number | null)[])[], row: number) => number | null | undefined,
    from: Omit<Columns, 'timeMs'> = { low: [], high: [], outputs: [] },
  ): void {
    this.timeMs.push(at);
    for (const [row, values] of this.low.entries()) {
      values.push(pick(from.low, row));
    }
    for (const [row, values] of this.high.entries()) {
      values.push(pick(from.high, row));
    }
    for (const [row, values] of this.outputs.entries()) {
      values.push(pick(from.outputs, row));
    }
  }

  #trim(): void {
    const excess = this.timeMs.length - mostColumns;
    if (excess > 0) {
      for (const row of [this.timeMs, ...this.low, ...this.high, ...this.outputs]) {
        row.splice(0, excess);
      }
    }
  }
}

/** The newest value of a line; null where it has none. */
export function newestOf(row: readonly (number | null | undefined)[]): number | null {
  return row.findLast((value) => typeof value === 'number') ?? null;
}

function emptyRows(count: number): Row[] {
  return Array.from({ length: count }, () => []);
}

function namesOf({ name, features, outputs }: StreamFacts): string {
  return JSON.stringify([name, features, outputs]);
}
