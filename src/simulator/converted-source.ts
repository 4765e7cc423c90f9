import type { SampleSource } from './sample-source.js';

/** Units in which readings of acceleration are simulated. */
export const accelerationUnits = ['g', 'mg', 'm/s2'] as const;
export type AccelerationUnit = (typeof accelerationUnits)[number];

/** Metres per square second in a standard gravity, exactly. */
const standardGravity = 9.80665;
const inG: Readonly<Record<AccelerationUnit, number>> = {
  g: 1,
  mg: 0.001,
  'm/s2': 1 / standardGravity,
};
/** Acceleration comes first; further axes are rotation and others, which stay as they are. */
const accelerationAxes = 3;

/**
 * Rows of a source with their acceleration in another unit.
 *
 * @param to a unit, or the counts of a sensor for 1 g
 */
export function convertedSource(
  source: SampleSource,
  from: AccelerationUnit,
  to: AccelerationUnit | number,
): SampleSource {
  const factor = typeof to === 'number' ? inG[from] * to : inG[from] / inG[to];
  return {
    axes: source.axes,
    get label() {
      return source.label;
    },
    next: (out) => {
      if (!source.next(out)) {
        return false;
      }
      for (let axis = 0; axis < Math.min(accelerationAxes, source.axes); axis += 1) {
        out[axis] = (out[axis] ?? 0) * factor;
      }
      return true;
    },
  };
}
