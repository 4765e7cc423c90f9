import type { Sketch } from '../../../evaluation/series-sketch.js';

/** A series as the page's script reads it: bytes in base64, from 0 for `low` of the scale to 254 for `high`. */
export interface Course {
  /** Samples of a stretch. */
  readonly s: number;
  /** The lowest value of each stretch; 255 where it has none. */
  readonly l: string;
  /** The highest one; left out where a stretch is one sample. */
  readonly h?: string;
}

/** The byte of a stretch without a value. */
const none = 255;
const steps = 254;

/** Packs a series whose values are from `low` to `high`. */
export function courseOf(sketch: Sketch, low: number, high: number): Course {
  const packed = (values: Float32Array) =>
    Buffer.from(
      Uint8Array.from(values, (value) =>
        Number.isNaN(value)
          ? none
          : Math.round((steps * (Math.min(high, Math.max(low, value)) - low)) / (high - low)),
      ),
    ).toString('base64');
  const { stretch } = sketch;
  const l = packed(sketch.low);
  return stretch === 1 ? { s: stretch, l } : { s: stretch, l, h: packed(sketch.high) };
}

/** The bytes of a recording's labels: classes from 0, and 255 without one. */
export function labelCourse({ stretch, high }: Sketch): Course {
  const bytes = Uint8Array.from(high, (label) => (Number.isNaN(label) ? none : label));
  return { s: stretch, l: Buffer.from(bytes).toString('base64') };
}
