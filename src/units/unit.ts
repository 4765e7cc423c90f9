/** Holds what a unit measures; readings of one kind never become those of another. */
export type Quantity =
  | 'acceleration'
  | 'rate of turn'
  | 'angle'
  | 'speed'
  | 'length'
  | 'frequency'
  | 'temperature'
  | 'magnetic field'
  | 'pressure'
  | 'counts';

/** The unit of a reading. */
export interface Unit {
  /** As it is written in a configuration: `m/s2`, or `g/16384` for counts of which 16384 are 1 g. */
  readonly name: string;
  readonly quantity: Quantity;
  /** One of it in the base unit of its quantity, such as 9.80665 for a g in m/s2. */
  readonly factor: number;
}

/** Standard gravity, exact by definition (ISO 80000-3). */
const gravity = 9.80665;

/** Counts of a converter, of which nothing says how large one is. */
const raw: Unit = { name: 'raw', quantity: 'counts', factor: 1 };

const table: readonly Unit[] = [
  { name: 'g', quantity: 'acceleration', factor: gravity },
  { name: 'mg', quantity: 'acceleration', factor: gravity / 1000 },
  { name: 'm/s2', quantity: 'acceleration', factor: 1 },
  { name: 'deg/s', quantity: 'rate of turn', factor: Math.PI / 180 },
  { name: 'rad/s', quantity: 'rate of turn', factor: 1 },
  { name: 'deg', quantity: 'angle', factor: Math.PI / 180 },
  { name: 'rad', quantity: 'angle', factor: 1 },
  { name: 'mm/s', quantity: 'speed', factor: 0.001 },
  { name: 'm/s', quantity: 'speed', factor: 1 },
  { name: 'um', quantity: 'length', factor: 1e-6 },
  { name: 'mm', quantity: 'length', factor: 0.001 },
  { name: 'm', quantity: 'length', factor: 1 },
  { name: 'Hz', quantity: 'frequency', factor: 1 },
  { name: 'degC', quantity: 'temperature', factor: 1 },
  { name: 'uT', quantity: 'magnetic field', factor: 1 },
  { name: 'gauss', quantity: 'magnetic field', factor: 100 },
  { name: 'Pa', quantity: 'pressure', factor: 1 },
  { name: 'hPa', quantity: 'pressure', factor: 100 },
  { name: 'kPa', quantity: 'pressure', factor: 1000 },
  raw,
];

const byName = new Map(table.map((unit) => [unit.name, unit]));

/** The names of all units, in the order of their quantities. */
export const unitNames: readonly string[] = table.map(({ name }) => name);

/** Other ways in which people and data sheets write a unit. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['m/s^2', 'm/s2'],
  ['m/s²', 'm/s2'],
  ['m/s/s', 'm/s2'],
  ['ms2', 'm/s2'],
  ['ms-2', 'm/s2'],
  ['gs', 'g'],
  ['dps', 'deg/s'],
  ['°/s', 'deg/s'],
  ['degrees/s', 'deg/s'],
  ['rads', 'rad/s'],
  ['°', 'deg'],
  ['degrees', 'deg'],
  ['µm', 'um'],
  ['c', 'degC'],
  ['°c', 'degC'],
  ['µt', 'uT'],
  ['counts', 'raw'],
  ['lsb', 'raw'],
]);

/** The unit of this name; undefined where there is none. */
export function unitOf(name: string): Unit | undefined {
  const known = byName.get(name);
  if (known !== undefined) {
    return known;
  }
  const slash = name.lastIndexOf('/');
  const whole = byName.get(name.slice(0, slash));
  const counts = Number(name.slice(slash + 1).trim() || Number.NaN);
  return slash < 0 || whole === undefined || whole === raw || !(counts > 0 && counts < Infinity)
    ? undefined
    : { name, quantity: whole.quantity, factor: whole.factor / counts };
}

/** Returns what is wrong with the name of a unit, and what to write. */
export function unitFault(name: string): string {
  const other =
    otherNames.get(name.toLowerCase()) ??
    unitNames.find((known) => known.toLowerCase() === name.toLowerCase());
  return other === undefined
    ? `${JSON.stringify(name)} is no unit; there are: ${unitNames.join(', ')}, and counts as "g/16384"`
    : `${JSON.stringify(name)} is written "${other}" here`;
}
