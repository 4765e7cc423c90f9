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
