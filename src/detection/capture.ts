/** Bytes of a port in the order in which they came, with their times. */
export interface Capture {
  readonly chunks: readonly ArrivedBytes[];
}

/** Holds what one read of a port gave. */
export interface ArrivedBytes {
  readonly bytes: Uint8Array;
  /** When it came, by any clock that does not go back. */
  readonly arrivalMs: number;
}

/** All bytes of a capture in one array. */
export function bytesOf({ chunks }: Capture): Uint8Array {
  return Buffer.concat(chunks.map(({ bytes }) => bytes));
}
