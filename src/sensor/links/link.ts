/** Why a link was closed. */
export type CloseReason = 'hungUp' | 'silent' | 'stopped';

/** Takes what a link brings, in its order. */
export interface LinkSink {
  /** The far end is there. What comes may begin anywhere in a line or frame, until `quiet`. */
  opened(path: string): void;
  /** Nothing has come for a moment since it was opened: what comes next begins at a boundary. */
  quiet(): void;
  /**
   * The next bytes.
   *
   * @param chunk reused by the link after the call
   * @param arrivalMs when they were read, by `performance.now()`
   */
  bytes(chunk: Uint8Array, arrivalMs: number): void;
  /** What was opened is closed; the link will open again unless it was stopped. */
  closed(reason: CloseReason): void;
  /** It cannot be opened now, and is being tried again; once for every change of the message. */
  unavailable(message: string): void;
}

/** Where bytes come from: opens, reads, and opens again for as long as it runs. */
export interface Link {
  /** What has happened so far, by name; only ever counts up. */
  readonly counters: Readonly<Record<string, number>>;
  /** Begins; returns at once, whether the far end is there or not. A link runs once. */
  start(sink: LinkSink): void;
  /** Closes everything and calls no sink after that. May be called at any time, and again. */
  stop(): Promise<void>;
}
