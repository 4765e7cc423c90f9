import { isObject } from '#src/base/json.js';

/** A random number, at least 0 and below 1. */
export type RandomNumber = () => number;

/** Values that may replace a number, a text or a whole branch. */
const values: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  2,
  3,
  0.5,
  1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  '',
  'relu',
  'LSTM',
  'same',
  'causal',
  '__proto__',
  'constructor',
  [],
  [null],
  [[[[]]]],
  {},
  { class_name: 'LSTM', config: {} },
];

export function pick<T>(random: RandomNumber, items: readonly T[]): T | undefined {
  return items[Math.floor(random() * items.length)];
}

/** A copy in which one branch is replaced, dropped, doubled, renamed or exchanged for another. */
export function mutatedJson(root: unknown, random: RandomNumber): unknown {
  const branches = countBranches(root);
  const donor = branchAt(root, Math.floor(random() * branches));
  return changed(root, Math.floor(random() * branches), (value) => {
    const way = random();
    if (way < 0.2) {
      return donor;
    }
    if (typeof value === 'number' && way < 0.6) {
      return pick(random, [value + 1, value - 1, -value, value * 1000, value / 2]);
    }
    if (Array.isArray(value) && way < 0.5) {
      const items: unknown[] = value;
      return way < 0.35 ? items.slice(1) : [...items, ...items];
    }
    if (isObject(value) && way < 0.6) {
      return withoutOne(value, random, way < 0.4);
    }
    return pick(random, values);
  });
}

function withoutOne(object: object, random: RandomNumber, renames: boolean): unknown {
  const entries: [string, unknown][] = Object.entries(object);
  const at = Math.floor(random() * entries.length);
  const changedEntries = entries.flatMap(([key, value], i): [string, unknown][] => {
    if (i !== at) {
      return [[key, value]];
    }
    return renames ? [[`${key}_`, value]] : [];
  });
  return Object.fromEntries(changedEntries);
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    return value;
  }
  return isObject(value) ? Object.values(value) : [];
}

function countBranches(value: unknown): number {
  return children(value).reduce((sum: number, child) => sum + countBranches(child), 1);
}

function branchAt(value: unknown, index: number): unknown {
  let found: unknown;
  changed(value, index, (branch) => {
    found = branch;
    return branch;
  });
  return found;
}

/** A copy in which the branch of this number is changed, counted from the root, which is 0. */
function changed(root: unknown, index: number, change: (value: unknown) => unknown): unknown {
  let number = 0;
  const walk = (value: unknown): unknown => {
    const isChosen = number === index;
    number += 1;
    if (isChosen) {
      return change(value);
    }
    if (Array.isArray(value)) {
      return value.map(walk);
    }
    if (!isObject(value)) {
      return value;
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]));
  };
  return walk(root);
}
