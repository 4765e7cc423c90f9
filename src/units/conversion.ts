import { unitOf, type Unit } from './unit.js';

/** How the readings of one axis become those that the model was trained on. */
export type Conversion =
  | { readonly factor: number }
  /** Why they cannot; what is known of the way out is in it. */
  | { readonly fault: string };

/**
 * The factor from one unit to another. Between counts and a real unit there is none, but 1: `features.scale` has to
 * convert them, which `needsScale` tells.
 *
 * @param from of the sensor, and `to` of the model: names that `unitOf` knows
 */
export function convert(from: string, to: string): Conversion {
  const [source, target] = [known(from), known(to)];
  if (source.quantity === target.quantity) {
    return { factor: source.factor / target.factor };
  }
  if (source.quantity === 'counts' || target.quantity === 'counts') {
    return { factor: 1 };
  }
  return {
    fault: `${from} (${source.quantity}) cannot become ${to} (${target.quantity})`,
  };
}

/** Returns whether only `features.scale` can tell how large a count is. */
export function needsScale(from: string, to: string): boolean {
  return (known(from).quantity === 'counts') !== (known(to).quantity === 'counts');
}

function known(name: string): Unit {
  const unit = unitOf(name);
  if (unit === undefined) {
    throw new Error(`there is no unit ${name}`);
  }
  return unit;
}

/**
 * The factor of each axis. Where one side has no units, nothing is converted.
 *
 * @param from units of the sensor, and `to` of the model: one for all axes or one for each, which fit each other
 */
export function unitFactors(
  axes: number,
  from: string | readonly (string | undefined)[] | undefined,
  to: string | readonly string[] | undefined,
): number[] {
  return Array.from({ length: axes }, (_, axis) => {
    const [source, target] = [unitAt(from, axis), unitAt(to, axis)];
    if (source === undefined || target === undefined) {
      return 1;
    }
    const conversion = convert(source, target);
    if ('fault' in conversion) {
      throw new Error(conversion.fault);
    }
    return conversion.factor;
  });
}

/** The unit of an axis, out of one for all or a list. */
export function unitAt(
  units: string | readonly (string | undefined)[] | undefined,
  axis: number,
): string | undefined {
  return typeof units === 'string' ? units : units?.[axis];
}
