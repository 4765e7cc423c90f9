/** A type of 16 bits in which a model computes layers. */
export type HalfType = 'float16' | 'bfloat16';

/** Returns whether an element type that a file names is one of 16 bits. */
export function isHalfType(type: string): type is HalfType {
  return type === 'float16' || type === 'bfloat16';
}

/** The layers that Keras, or the runtime of an ONNX file, computes in 16 bits; here they are computed in float32, with the weights as they are stored. */
export interface HalfPrecision {
  /** The coarser one, where a model has both. */
  readonly type: HalfType;
  /** In the order of computation; a name is `outer/inner` when nested. */
  readonly layers: readonly HalfLayer[];
}

interface HalfLayer {
  readonly name: string;
  readonly type: HalfType;
}

/**
 * Says how far Keras' and onnxruntime's numbers in 16 bits are from those in float32, of outputs up to 1; those of larger outputs are as
 * much larger. It is three times the largest that was measured on recurrent, convolutional and dense models over
 * windows of 20 to 200 steps (0.0017 and 0.015).
 */
const differences: Readonly<Record<HalfType, number>> = { float16: 0.005, bfloat16: 0.04 };

/** The difference to expect of outputs up to 1 in size: 0 where every layer computes in float32. */
export function expectedDifference(precision: HalfPrecision | null): number {
  return precision === null ? 0 : differences[precision.type];
}

/** Returns what a model's layers of 16 bits are together: null where there are none. */
export function halfPrecisionOf(layers: readonly HalfLayer[]): HalfPrecision | null {
  if (layers.length === 0) {
    return null;
  }
  const isCoarse = layers.some(({ type }) => type === 'bfloat16');
  return { type: isCoarse ? 'bfloat16' : 'float16', layers };
}

const shownLayers = 4;

/** Returns what is not as in the trained model, and how much it is, for people. */
export function halfPrecisionText(precision: HalfPrecision): string {
  const { layers } = precision;
  const more = layers.length - shownLayers;
  const shown = layers.slice(0, shownLayers).map(({ name, type }) => `${name} (${type})`);
  const names = `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `the model was made to compute ${names} in 16 bits, this program in float32 with the weights as they are stored: expect a difference up to ${expectedDifference(precision)} of outputs up to 1, and in proportion of larger ones`;
}
