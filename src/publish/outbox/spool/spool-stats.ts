/** Holds what is on disk, and what it cost. */
export interface SpoolStats {
  /** Records on disk, or taken and not settled. */
  readonly records: number;
  /** Bytes of the files. */
  readonly bytes: number;
  /** Writes that went well. */
  readonly writes: number;
  /** Calls of the file system that failed, and batches beyond the budget of writes. */
  readonly failures: number;
  /** Bytes given to the disk by this process, in whole pages. */
  readonly bytesWritten: number;
  /** The same for a day. */
  readonly bytesPerDay: number | null;
  /** Times that a process ended without having stopped: what was in its memory is not known. */
  readonly uncleanEnds: number;
}
