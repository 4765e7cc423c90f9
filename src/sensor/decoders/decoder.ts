/** The unit of an axis' readings; `raw` is a count of the sensor, whose scale only its data sheet tells. */
export type Unit = 'g' | 'mg' | 'm/s2' | 'deg/s' | 'rad/s' | 'deg' | 'raw';

/** The times of rows by the sensor's own clock and counter: an entry a row, or more. */
export interface DeviceColumns {
  /** Milliseconds since a moment of the sensor's own; NaN in a row that has none. */
  readonly timeMs: Float64Array;
  /** The sensor's count of its rows, lost ones included; NaN in a row that has none. */
  readonly counter: Float64Array;
}

/** Holds what the rows of a format can tell of their own time. */
export interface DeviceClock {
  /** Rows have a time. It begins anew at 0 after `wrapMs`, where it ever does. */
  readonly time?:
    | {
        readonly wrapMs: number | undefined;
        /** Returns what to set where it goes so many times as fast as this machine's clock; undefined where nothing is known. */
        readonly advice?: ((ratio: number) => string | undefined) | undefined;
      }
    | undefined;
  /** Rows are counted one by one, and from 0 again after `modulus` of them. */
  readonly counter?: { readonly modulus: number } | undefined;
}

/** Takes the rows that a decoder reads, in the order of the bytes. */
export interface RowSink {
  /**
   * Takes consecutive rows.
   *
   * @param values `count x axes` finite readings, row-major, in the order of the configured axes;
   *   may be longer than that, and is reused by the decoder after the call
   * @param device what the sensor says of their times, reused like `values`; all NaN where `deviceClock` has
   *   neither. A jump of the counter is not told as `lost` too
   */
  rows(values: Float32Array, count: number, device: DeviceColumns): void;
  /**
   * Takes the number of rows that arrived here and could not be read, 1 or more. Their places in
   * time stay empty, and the next row does not join the one before.
   */
  lost(count: number): void;
}

/**
 * Turns the bytes of a link into rows of readings, for one stream. A decoder
 *
 * - is pure: the same bytes give the same rows and counts, however they are cut into chunks, and it
 *   knows no time, file or log;
 * - is bounded: it keeps at most one unfinished line or frame, of limited length, and allocates
 *   nothing for a good row;
 * - finds its way back: after bytes that make no sense it goes on at the next byte that can begin a
 *   line or frame, so that damage costs the rows that it hit and no other;
 * - never guesses: a row that cannot be read as a whole is lost and counted, never filled up.
 */
export interface Decoder {
  /** Readings of a row. */
  readonly axes: number;
  /** The unit of each axis where the format fixes it, else undefined. */
  readonly units: readonly (Unit | undefined)[];
  /** Says which columns of the sensor's own time its rows have. */
  readonly deviceClock: DeviceClock;
  /** How the sensor is asked, where it speaks only when it is. Decoders that only listen have none. */
  readonly polling?: Polling | undefined;
  /**
   * Counts of everything that came, by name, which only ever grow: `bytes`, `rows`, and one for
   * each reason why bytes were not a row.
   */
  readonly counters: Readonly<Record<string, number>>;
  /** Holds what a row looks like, for a message: `a line of 3 numbers (x, y, z) ...`. */
  readonly expected: string;
  /** Why the last lost row was lost, with an example and the way out; undefined when none was. */
  readonly rejection: string | undefined;
  /**
   * Holds what the stream itself has told of its format, such as the order of a header row, as a JSON value; another
   * object whenever it changes, undefined while nothing is known. Decoders that learn nothing have none.
   */
  readonly learnt?: object | undefined;
  /** The same in words, for the log: `a header row names the axes: ...`. */
  readonly learntText?: string | undefined;
  /**
   * Goes on from what was learnt before a restart; comes before the first byte.
   *
   * @param learnt a JSON value from anywhere
   * @returns false when it is not one of this decoder with these options, and nothing was taken from it
   */
  restore?(learnt: unknown): boolean;
  /**
   * Forgets the unfinished line or frame, after the link was opened. The next byte may lie within a line or frame,
   * whose rest is never a row: `23,45,981` out of `123,45,981` would be a wrong sample, however long it took to come.
   */
  reset(): void;
  /**
   * Takes the next bytes, cut anywhere, and calls the sink before it returns.
   *
   * @param chunk reused by the link after the call
   */
  push(chunk: Uint8Array, sink: RowSink): void;
  /**
   * Takes that a line or frame ended with the last byte, and that the next one begins another, as in the messages of a
   * broker: a line without its line end is whole, a frame that is not is lost. A decoder without it reads messages as
   * if they were one stream of bytes.
   */
  boundary?(sink: RowSink): void;
  /**
   * Tells what bytes are of which none became a row, for a message that is written once they have come for a while.
   *
   * @param bytes the last that came, at least 1
   */
  diagnose(bytes: Uint8Array): Diagnosis;
}

/**
 * The requests of a decoder whose sensor answers and never speaks by itself. Whoever has link and clock sends one each
 * period of the rate, once the one before is answered or given up; nobody else ever writes to a link.
 */
export interface Polling {
  /** An answer that has not come after so long is given up. */
  readonly timeoutMs: number;
  /** The line has to be silent for so long before a request: the far end turns from sending to listening. */
  readonly turnaroundMs: number;
  /** True when a request was made that is neither answered nor given up. */
  readonly isWaiting: boolean;
  /** Makes the next request: its bytes, reused at the next call. The answer comes by `push`. */
  request(): Uint8Array;
  /** Gives up the answer that is waited for: what came of it is forgotten, and its row is lost and counted. */
  giveUp(sink: RowSink): void;
}

/** Holds what comes in the place of rows, in words. */
export interface Diagnosis {
  /** An example: a line in quotes, or hex. */
  readonly shown: string;
  /** The likely cause, and what to set or change. */
  readonly cause: string;
}
