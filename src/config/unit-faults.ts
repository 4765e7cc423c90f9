import { convert, needsScale, unitAt } from '../units/conversion.js';
import type { Fault } from './fault.js';

/** Holds what a stream says of the units of its readings; each list fits the axes. */
export interface UnitOptions {
  readonly axes: readonly string[];
  /** `sensor.units`. */
  readonly configured: string | readonly string[] | undefined;
  /** The unit of each axis that the decoder knows from its format. */
  readonly declared: readonly (string | undefined)[] | undefined;
  /** `model.units`. */
  readonly wanted: string | readonly string[] | undefined;
  /** `features.scale`. */
  readonly scale: number | readonly number[];
}

/** Standard gravity is often rounded to 9.81 or 9.8. */
const sameFactor = 0.002;

/**
 * The faults of `sensor.units`, `model.units` and `features.scale` together, the first of each kind: one sentence for
 * three axes that all have it.
 */
export function unitFaults(options: UnitOptions): Fault[] {
  const { axes, configured, declared, wanted } = options;
  const faults: Fault[] = [];
  const add = (path: readonly string[], message: string): void => {
    if (!faults.some((fault) => fault.path.join('.') === path.join('.'))) {
      faults.push({ path, message });
    }
  };
  for (const [axis, name] of axes.entries()) {
    const own = unitAt(configured, axis);
    const known = declared?.[axis];
    if (own !== undefined && known !== undefined && own !== known) {
      add(
        ['sensor', 'units'],
        `says ${own} for ${name}, but the decoder gives ${known}: delete it`,
      );
      continue;
    }
    const from = own ?? known;
    const to = unitAt(wanted, axis);
    if (to === undefined) {
      continue;
    }
    if (from === undefined) {
      add(
        ['sensor', 'units'],
        `is missing: model.units says ${to} for ${name}, and nothing says what the sensor measures it in`,
      );
      continue;
    }
    const conversion = convert(from, to);
    if ('fault' in conversion) {
      add(['model', 'units'], `${conversion.fault}: axis ${name}`);
    } else {
      const message = scaleFault(from, to, conversion.factor, scaleAt(options.scale, axis), name);
      if (message !== undefined) {
        add(['features', 'scale'], message);
      }
    }
  }
  return faults;
}

function scaleFault(
  from: string,
  to: string,
  factor: number,
  scale: number,
  axis: string,
): string | undefined {
  const fromTo = `sensor.units ${from} to model.units ${to}`;
  if (needsScale(from, to)) {
    return scale === 1
      ? `is missing for ${axis}: nothing else turns ${fromTo}; where the data sheet has 16384 counts a g, sensor.units ` +
          'may be "g/16384" in place of raw'
      : undefined;
  }
  if (factor === 1) {
    return undefined;
  }
  if (Math.abs(scale / factor - 1) < sameFactor) {
    return `${scale} converts ${axis} once more, which ${fromTo} does already: delete this line`;
  }
  return Math.abs(scale * factor - 1) < sameFactor
    ? `${scale} undoes for ${axis} what ${fromTo} does: delete this line, or the units`
    : undefined;
}

function scaleAt(scale: number | readonly number[], axis: number): number {
  return typeof scale === 'number' ? scale : (scale[axis] ?? 1);
}
