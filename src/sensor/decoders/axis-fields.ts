import type { Fault } from '../../config/fault.js';
import { z } from '../../config/option-types.js';
import { axisKey } from './axis-key.js';

/** The option of a decoder whose format has fields with names, to be used where axes have other names. */
export const fieldsOption = z
  .array(z.string().min(1))
  .optional()
  .describe(
    'Field of the format that each axis is, such as ax; by default the axes have these names',
  );

/** Holds what the axes of a section are in a format. */
export interface AxisFields {
  readonly axes: readonly string[];
  readonly fields?: readonly string[] | undefined;
}

/** Index of each axis' field among those that a format has; -1 where it has none. */
export function fieldIndexes(
  { axes, fields = axes }: AxisFields,
  known: readonly string[],
): number[] {
  return fields.map((name) => {
    const exact = known.indexOf(name.toLowerCase());
    return exact === -1 ? known.indexOf(axisKey(name)) : exact;
  });
}

/** Returns what is wrong with axes or fields for a format with these fields. */
export function fieldFaults(section: AxisFields, known: readonly string[]): Fault[] {
  const { axes, fields } = section;
  if (fields !== undefined && fields.length !== axes.length) {
    const message = `must have one entry an axis: ${axes.length}, not ${fields.length}`;
    return [{ path: ['fields'], message }];
  }
  const indexes = fieldIndexes(section, known);
  const path = [fields === undefined ? 'axes' : 'fields'];
  const names = fields ?? axes;
  return names.flatMap((name, axis) => {
    if (indexes[axis] === -1) {
      return [
        {
          path,
          message: `"${name}" is no field of this format, which has ${known.join(', ')}; say in sensor.fields which of them each axis is`,
        },
      ];
    }
    return indexes.indexOf(indexes[axis] ?? -1) === axis
      ? []
      : [{ path, message: `"${name}" is the same field as another axis` }];
  });
}
