import type { Unit } from '../decoder.js';

/** The fields that an axis can be, and their units. */
export const fieldUnits: Readonly<Record<string, Unit>> = {
  ax: 'm/s2',
  ay: 'm/s2',
  az: 'm/s2',
  gx: 'rad/s',
  gy: 'rad/s',
  gz: 'rad/s',
  mx: 'raw',
  my: 'raw',
  mz: 'raw',
  yaw: 'deg',
  pitch: 'deg',
  roll: 'deg',
  temp: 'raw',
  pressure: 'raw',
};

export const fieldNames = Object.keys(fieldUnits);

const acceleration = ['ax', 'ay', 'az'];
const rotation = ['gx', 'gy', 'gz'];
const magnetic = ['mx', 'my', 'mz'];
const angles = ['yaw', 'pitch', 'roll'];

/** The fields of each ASCII message, in their order; what is no axis has no name. */
export const asciiMessages: ReadonlyMap<string, readonly string[]> = new Map([
  ['VNACC', acceleration],
  ['VNGYR', rotation],
  ['VNMAG', magnetic],
  ['VNYPR', angles],
  ['VNMAR', [...magnetic, ...acceleration, ...rotation]],
  ['VNYMR', [...angles, ...magnetic, ...acceleration, ...rotation]],
  ['VNQMR', ['', '', '', '', ...magnetic, ...acceleration, ...rotation]],
  ['VNIMU', [...magnetic, ...acceleration, ...rotation, 'temp', 'pressure']],
]);

/** Bytes of each field of the binary groups 1 to 6, by bit; a bit beyond makes a message of unknown length. */
export const groupFieldBytes: readonly (readonly number[])[] = [
  [8, 8, 8, 12, 16, 12, 24, 12, 12, 24, 20, 28, 2, 4, 8],
  [8, 8, 8, 2, 8, 8, 8, 4, 4, 1],
  [2, 12, 12, 12, 4, 4, 16, 12, 12, 12, 12, 2, 40],
  [8, 8, 2, 1, 1, 24, 24, 12, 12, 12, 4, 4],
  [2, 12, 16, 36, 12, 12, 12, 12, 12, 12, 28, 24],
  [2, 24, 24, 12, 12, 12, 12, 12, 12, 4, 4, 68, 64],
];

/** Float32 fields within the binary groups: the group, the bit, and the bytes before them in the field. */
interface BinaryField {
  readonly names: readonly string[];
  readonly group: number;
  readonly bit: number;
  readonly skip: number;
}

/** Says where binary messages have the fields, the compensated ones before those as the sensor measured them. */
export const binaryFields: readonly BinaryField[] = [
  { names: acceleration, group: 0, bit: 8, skip: 0 },
  { names: acceleration, group: 2, bit: 9, skip: 0 },
  { names: acceleration, group: 2, bit: 2, skip: 0 },
  { names: acceleration, group: 0, bit: 9, skip: 0 },
  { names: rotation, group: 0, bit: 5, skip: 0 },
  { names: rotation, group: 2, bit: 10, skip: 0 },
  { names: rotation, group: 2, bit: 3, skip: 0 },
  { names: rotation, group: 0, bit: 9, skip: 12 },
  { names: magnetic, group: 2, bit: 8, skip: 0 },
  { names: magnetic, group: 2, bit: 1, skip: 0 },
  { names: magnetic, group: 0, bit: 10, skip: 0 },
  { names: angles, group: 0, bit: 3, skip: 0 },
  { names: angles, group: 4, bit: 1, skip: 0 },
  { names: ['temp'], group: 2, bit: 4, skip: 0 },
  { names: ['temp'], group: 0, bit: 10, skip: 12 },
  { names: ['pressure'], group: 2, bit: 5, skip: 0 },
  { names: ['pressure'], group: 0, bit: 10, skip: 16 },
];
