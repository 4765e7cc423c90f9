/**
 * Consecutive samples, which the hot path carries together instead of an object for each. The
 * arrays belong to the producer, which reuses them after the call returns: a consumer copies the
 * values that it keeps.
 */
export interface SampleBlock {
  /** The number of samples, at least 1. */
  readonly count: number;
  /** Features of a sample. */
  readonly features: number;
  /** `count x features`, row-major; may be longer than that. */
  readonly values: Float32Array;
  /** Acquisition time of each sample, epoch milliseconds; may be longer than `count`. */
  readonly timeMs: Float64Array;
  /** Number of the first sample in this boot; the first sample of a boot is 1. */
  readonly firstSeq: number;
  /** True when filters have begun anew so lately that the first of these samples is not what it will be. */
  readonly isSettling?: boolean;
  /** True when these samples never arrived, and were made up in a short gap. */
  readonly isFilled?: boolean;
}

/** A time in which samples are missing. They are never passed on as zeros. */
export interface Gap {
  /** From the sample before the gap to the one after it. */
  readonly lengthMs: number;
  readonly reason: GapReason;
  /** Samples that were made up for it, and follow: where there are some, the state may go on. */
  readonly filled: number;
}

/**
 * Why samples are missing: none came for too long, the link was opened anew, the decoder could not
 * read a row, the conditioner refused its readings, the sensor's own counter or clock shows that they were lost on the
 * way, or that it began anew.
 */
export type GapReason =
  | 'late'
  | 'reopened'
  | 'rejected'
  | 'outOfRange'
  | 'lost'
  | 'deviceRestarted';

/** Takes samples in their order; a gap lies between the blocks before and after it. */
export interface SampleSink {
  block(block: SampleBlock): void;
  gap(gap: Gap): void;
}
