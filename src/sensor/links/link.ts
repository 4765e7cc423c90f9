/** Why a link was closed. */
export type CloseReason = 'hungUp' | 'silent' | 'brokerLost' | 'stopped';

/** Takes the bytes and the events of a link, in their order. */
export interface LinkSink {
  /** Takes that the link is open. The next byte may lie anywhere in a line or frame. */
  opened(path: string): void;
  /**
   * Takes the next bytes.
   *
   * @param chunk reused by the link after the call
   * @param arrivalMs when they were read, by `performance.now()`
   * @param isWhole true where they are a message: its first byte begins a line or frame, and its last one ends one
   * @returns true when a row ended in them: by rows, and not by bytes, a link knows that its far end works
   */
  bytes(chunk: Uint8Array, arrivalMs: number, isWhole?: boolean): boolean;
  /** Takes that the link was closed; it is opened again by itself. */
  closed(reason: CloseReason): void;
  /** Takes why the link cannot be opened now; called once for each other message. It is tried on. */
  unavailable(message: string): void;
  /** Takes that a sensor was asked, where another than the sink asks it; see `Link.isAskedFor`. */
  asked?(): void;
  /** Takes that the answer that is waited for was given up, at a moment of `performance.now()`; likewise. */
  gaveUp?(atMs: number): void;
  /** Takes what else is worth a line in the log. A sink without it does not want to know. */
  noticed?(message: string): void;
}

/**
 * Brings bytes, for one stream, from a far end that may come and go. A link
 *
 * - does nothing before `start`, and never fails: what cannot be opened is tried again, less and
 *   less often, until it is stopped;
 * - notices that the far end is gone, also when nobody says so, and opens it anew;
 * - gives bytes the time at which they were read, and knows nothing of what they mean;
 * - reads no further while its sink is at work.
 */
export interface Link {
  /** Counts of what happened, by name, which only ever grow; the watchdog takes a change for life. */
  readonly counters: Readonly<Record<string, number>>;
  /** Begins; returns at once, whether the far end is there or not. Called once. */
  start(sink: LinkSink): void;
  /** Sends bytes to the far end, where it is there; for sensors that speak only when they are asked. */
  write(bytes: Uint8Array): void;
  /** True when its sink never asks, but is told when the sensor was asked, as by a recording; default false. */
  readonly isAskedFor?: boolean;
  /** Takes that its sink gives up the answer that it waits for; a link without it does not want to know. */
  givenUp?(atMs: number): void;
  /** How long it may be paused after a read, milliseconds, so that nothing is lost however often; default 0: not at all. */
  readonly pauseMs?: number;
  /** Reads no further until `resume`; what comes waits in the system. */
  pause?(): void;
  resume?(): void;
  /** Closes everything and calls the sink no more. May be called at any time, and again. */
  stop(): Promise<void>;
}
