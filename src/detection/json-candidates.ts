import { axisKey } from '../sensor/decoders/axis-key.js';
import { numberPaths } from '../sensor/decoders/json-paths.js';
import { guessedNames, type Candidate } from './candidate.js';
import { isCounterName, isTimeName, risingColumn } from './time-column.js';

const mostAxes = 64;

/** The ways in which lines may be rows of JSON. */
export function jsonCandidates(
  lines: readonly string[],
  periodMs: number | undefined,
): Candidate[] {
  const values = lines.flatMap((line) => {
    const value = /^[[{]/.test(line) ? parsed(line) : undefined;
    return value === undefined ? [] : [value];
  });
  const rows = values.map((value) => ({ value, paths: numberPaths(value) }));
  const usual = usualPaths(rows.map(({ paths }) => paths));
  if (usual === undefined) {
    return [];
  }
  const alike = rows.filter(({ paths }) => paths.join('\n') === usual.join('\n'));
  const columns = usual.map((path) => alike.map(({ value }) => numberAt(value, path)));
  const rising = columns.map((column) => risingColumn(column, periodMs));
  const readings = usual.filter((path, n) => {
    const name = path.split('.').at(-1) ?? path;
    return rising[n] === undefined && !isTimeName(name) && !isCounterName(name);
  });
  const inertial = readings.filter((path) =>
    [path, path.split('.').at(-1) ?? ''].some((name) => /^[ag][xyz]$/.test(axisKey(name))),
  );
  const isInertial = inertial.length >= 2;
  const chosen = isInertial ? inertial : readings;
  if (chosen.length === 0 || chosen.length > mostAxes) {
    return [];
  }
  const isArray = alike.every(({ value }) => Array.isArray(value));
  const timeAt = rising.findIndex((each) => each?.kind === 'time');
  const timePath = usual[timeAt];
  const unit = rising[timeAt]?.unit;
  const axes = isArray ? guessedNames(chosen.length) : namesOf(chosen);
  const needsPaths = isArray ? chosen.length !== usual.length : true;
  const isConstant = chosen.every(
    (path) => new Set(alike.map(({ value }) => numberAt(value, path))).size === 1,
  );
  const left = usual.filter((path) => !chosen.includes(path) && path !== timePath);
  return [
    {
      decoder: 'jsonl',
      axes,
      options: {
        ...(needsPaths ? { paths: chosen } : {}),
        ...(timePath === undefined ? {} : { timePath }),
        ...(unit === undefined || unit === 'ms' ? {} : { timeUnit: unit }),
      },
      places: { paths: chosen },
      mostConfidence: jsonConfidence(chosen.length, isConstant, isInertial, isArray),
      isUnnamed: isArray,
      evidence: 'lines',
      notes: [
        ...(isConstant ? ['its numbers never change'] : []),
        ...(isArray ? ['the axes have no names in these lines: theirs are guesses'] : []),
        ...left.map((path) => `${path} is left out`),
      ],
    },
  ];
}

function jsonConfidence(
  axes: number,
  isConstant: boolean,
  isInertial: boolean,
  isArray: boolean,
): number {
  if (axes === 1 || isConstant) {
    return 0.45;
  }
  return isInertial || isArray ? 0.98 : 0.85;
}

/** The shortest names that tell paths apart. */
function namesOf(paths: readonly string[]): string[] {
  const ways: ((path: string) => string)[] = [
    (path) => path.split('.').at(-1) ?? path,
    axisKey,
    (path) => path.replaceAll('.', '_'),
  ];
  const names = ways.map((way) => paths.map((path) => way(path)));
  return names.find((each) => new Set(each).size === each.length) ?? [...paths];
}

function usualPaths(all: readonly string[][]): string[] | undefined {
  const counts = new Map<string, number>();
  for (const paths of all) {
    if (paths.length > 0) {
      const key = paths.join('\n');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0].split('\n');
}

function numberAt(value: unknown, path: string): number {
  let at = value;
  for (const word of path.split('.')) {
    at = typeof at === 'object' && at !== null ? Reflect.get(at, word) : undefined;
  }
  return typeof at === 'number' ? at : Number.NaN;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
