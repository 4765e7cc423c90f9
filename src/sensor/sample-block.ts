/**
 * A run of consecutive samples: what the hot path carries in place of objects.
 * The arrays belong to the producer, which reuses them after the call returns;
 * whoever wants to keep a value copies it.
 */
export interface SampleBlock {
  /** Samples in this block. */
  readonly count: number;
  /** Values a sample. */
  readonly features: number;
  /** `count x features`, row-major; may be longer than that. */
  readonly values: Float32Array;
  /** Acquisition time of each sample, epoch milliseconds; may be longer than `count`. */
  readonly timeMs: Float64Array;
  /** Number of the first sample in this boot; the first sample of a boot is 1. */
  readonly firstSeq: number;
}

/** Samples that did not arrive: known as missing, never passed on as zeros. */
export interface Gap {
  /** Time since the last good sample, milliseconds. */
  readonly lengthMs: number;
  /** Why they are missing, as the counter that counted them is named. */
  readonly reason: GapReason;
}

export type GapReason = 'late' | 'reopened' | 'rejected' | 'outOfRange';

/** Takes samples in their order; a gap lies between the blocks before and after it. */
export interface SampleSink {
  block(block: SampleBlock): void;
  gap(gap: Gap): void;
}
