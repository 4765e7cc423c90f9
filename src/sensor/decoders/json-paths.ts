import { isObject } from '../../base/json.js';
import { axisKey } from './axis-key.js';

/** The paths of all numbers in a JSON value, such as `accel.x` or `1`. */
export function numberPaths(value: unknown, path = ''): string[] {
  if (typeof value === 'number') {
    return [path];
  }
  const within = (key: string | number, inner: unknown): string[] =>
    numberPaths(inner, path === '' ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) {
    return value.flatMap((inner: unknown, index) => within(index, inner));
  }
  return isObject(value) ? Object.entries(value).flatMap(([key, inner]) => within(key, inner)) : [];
}

/**
 * Finds the axes in a JSON value by their names: as the last word of a path or as the whole of it, or in their
 * order where the value is an array of just so many numbers.
 *
 * @returns a path for each axis, or why they are not found
 */
export function findPaths(value: unknown, axes: readonly string[]): string[] | string {
  const paths = numberPaths(value);
  if (Array.isArray(value)) {
    return value.length === axes.length && paths.length === axes.length
      ? paths
      : `an array of ${value.length} where ${axes.length} numbers (${axes.join(', ')}) were expected; say in sensor.paths which of them each axis is`;
  }
  const spellings: ((path: string) => string)[] = [
    (path) => path.toLowerCase(),
    (path) => (path.split('.').at(-1) ?? '').toLowerCase(),
    axisKey,
  ];
  for (const spell of spellings) {
    const wanted = axes.map((axis) => (spell === axisKey ? axisKey(axis) : axis.toLowerCase()));
    const matches = wanted.map((axis) => paths.filter((path) => spell(path) === axis));
    const found = matches.flatMap((each) => (each.length === 1 ? each : []));
    if (found.length === axes.length && new Set(found).size === axes.length) {
      return found;
    }
  }
  return `an object in which ${axes.join(', ')} are not just one number each; it has ${paths.slice(0, 12).join(', ')}: say in sensor.paths which of them each axis is`;
}
