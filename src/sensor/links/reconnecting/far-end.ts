/** The far end of a link while it is connected: a port, a socket, a pipe. */
export interface FarEnd {
  /** Returns whether it is gone, asked after a silence; false where only reading tells. */
  hungUp(): boolean;
  /**
   * Begins to read; called once.
   *
   * @returns a promise that settles when the far end is gone or was closed
   */
  read(onBytes: (chunk: Uint8Array, arrivalMs: number) => void): Promise<void>;
  /** Sends bytes, which are the caller's again when it returns; what cannot be sent is lost. */
  write(bytes: Uint8Array): void;
  /** See `Link.pauseMs`. */
  readonly pauseMs?: number;
  /** Reads no further until `resume`; what comes waits in the system. */
  pause?(): void;
  resume?(): void;
  /** Closes every descriptor; called once. */
  close(): Promise<void>;
}
