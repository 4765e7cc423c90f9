/** A library that does not run here. */
export interface AbsentPeer {
  readonly name: string;
  readonly reason: string;
}

/** A contestant whose outputs are compared with the reference engine's. */
export interface Predicting {
  /** The outputs for samples from the reset state on. */
  predict(input: Float32Array): Float32Array | Promise<Float32Array>;
}

/** The cost of stepping the seed model, one sample a call, in a process that does nothing else. */
export interface ProcessResult {
  readonly name: string;
  /** The SIMD target, `float64`, or the library with its version and backend. */
  readonly target: string;
  readonly medianNs: number;
  readonly p99Ns: number;
  /** Resident memory before the engine was loaded, and after it was measured. */
  readonly rssBeforeMiB: number;
  readonly rssMiB: number;
  /** The largest difference from the reference engine over a thousand samples. */
  readonly largestDifference: number;
}
