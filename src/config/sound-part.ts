import { checkOptions } from './checked-options.js';
import type { Fault } from './fault.js';
import type { z } from './option-types.js';
import { setAt, valueAt } from './value-at.js';

/** Holds what is left of a configuration with faults when something else stands in the place of each option at fault. */
export interface SoundPart<Config> {
  /** For further checks alone: what stands at the paths of the faults means nothing. Undefined where too little is left. */
  readonly config: Config | undefined;
  /** All faults, those included that others have hidden. */
  readonly faults: readonly Fault[];
}

/** Each replacement can bring to light what the fault has hidden: rules between the options of a section. */
const mostRounds = 6;
/** A file that is no configuration at all is not mended. */
const mostFaults = 50;

/** Values that options of all kinds take, the first that fits best; `undefined` leaves the option out. */
const standIns: readonly unknown[] = [
  undefined,
  1,
  'unnamed',
  'continuous',
  'sliding',
  'mahalanobis',
  'hold',
  'mqtt://localhost',
  'mqtts://localhost',
  ['unnamed'],
  { link: '/dev/null', rateHz: 1 },
  { event: 'unnamed', on: 1, off: 0 },
  { file: 'unnamed', mode: 'sliding' },
  { url: 'mqtt://localhost' },
];

/**
 * Finds the faults that other faults hide: zod looks at the rules of a section only once each of its options is
 * good alone. In the place of each option at fault something is put that brings the fewest faults, and the
 * rest is looked at again.
 *
 * @param schema made by `createConfigSchema`
 * @param raw is left as it is
 */
export function soundPart<Schema extends z.ZodType<object>>(
  schema: Schema,
  raw: Readonly<Record<string, unknown>>,
): SoundPart<z.output<Schema>> {
  const options = structuredClone(raw);
  const faults: Fault[] = [];
  for (let round = 0; round < mostRounds && faults.length < mostFaults; round += 1) {
    const { config, faults: found } = checkOptions(schema, options);
    if (config !== undefined && found.length === 0) {
      return { config, faults };
    }
    faults.push(...found.filter(({ path }) => !isTouched(path, faults)));
    for (const { path } of found) {
      replace(schema, options, path);
    }
  }
  return { config: undefined, faults };
}

/** Returns whether a fault lies at a path, within what is there, or around it. */
export function isTouched(path: Fault['path'], faults: readonly Fault[]): boolean {
  return faults.some((fault) => {
    const length = Math.min(path.length, fault.path.length);
    return path.slice(0, length).every((key, i) => key === fault.path[i]);
  });
}

function replace(schema: z.ZodType, options: Record<string, unknown>, path: Fault['path']): void {
  const original = valueAt(options, path);
  if (path.length === 0) {
    return;
  }
  const before = checkOptions(schema, options).faults.length;
  let best: unknown = original;
  let fewest = Infinity;
  for (const standIn of standIns) {
    put(options, path, standIn);
    const { faults: left } = checkOptions(schema, options);
    if (left.length < before) {
      return;
    }
    // A fault elsewhere that comes to light is better than one that stays.
    const weight = left.length + (isTouched(path, left) ? mostFaults : 0);
    if (weight < fewest) {
      fewest = weight;
      best = standIn;
    }
  }
  put(options, path, best);
}

/** Undefined takes the option away; an entry of a list keeps its place, for the paths of those behind it. */
function put(options: Record<string, unknown>, path: Fault['path'], value: unknown): void {
  const owner = valueAt(options, path.slice(0, -1));
  const key = path.at(-1) ?? '';
  if (value === undefined && typeof owner === 'object' && owner !== null && !Array.isArray(owner)) {
    Reflect.deleteProperty(owner, key);
  } else {
    setAt(options, path, structuredClone(value));
  }
}
