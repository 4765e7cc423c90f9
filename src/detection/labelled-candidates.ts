import { axisKey } from '../sensor/decoders/axis-key.js';
import type { Candidate } from './candidate.js';
import { isCounterName, isTimeName } from './time-column.js';

const pair = /([A-Za-z_][\w.]*(?: [A-Za-z_][\w.]*)*)\s*:\s*[-+]?\.?\d/g;
const i2cdevAxes = ['ax', 'ay', 'az', 'gx', 'gy', 'gz'];

/** Lines with names beside the numbers: `x:1,y:2`, and those of i2cdevlib. */
export function labelledCandidates(lines: readonly string[]): Candidate[] {
  if (lines.filter((line) => /^a\/g:(\s+-?\d+){6}$/.test(line)).length > lines.length / 2) {
    return [candidate(i2cdevAxes, [])];
  }
  const labels = lines.map((line) => [...line.matchAll(pair)].map((match) => match[1] ?? ''));
  const usual = mostFrequent(
    labels.filter((each) => each.length > 1).map((each) => each.join('\n')),
  );
  if (usual === undefined) {
    return [];
  }
  const groups = prefixCandidates(labels);
  if (groups.length > 0) {
    return groups;
  }
  const all = usual.split('\n');
  const inertial = all.filter((name) => /^[agm][xyz]$/.test(axisKey(lastWord(name))));
  const isInertial = inertial.length >= 2;
  const chosen = isInertial
    ? inertial
    : all.filter((name) => !isTimeName(name) && !isCounterName(name));
  const left = all.filter((name) => !chosen.includes(name));
  const notes = left.map((name) => `${name} is left out`);
  const whole = chosen.map((name) => name.replaceAll(/\s+/g, ' '));
  const short = chosen.map(lastWord);
  return [...new Set([short.join('\n'), whole.join('\n')])]
    .map((names) => names.split('\n'))
    .filter((names) => names.length > 1 && new Set(names).size === names.length)
    .map((names) => candidate(names, notes, isInertial ? 0.98 : 0.85));
}

/**
 * Acceleration where lines of several kinds have the same names behind a word of their own, as Adafruit's examples print
 * them: `Acceleration X: 1, Y: 2, Z: 3`, then `Rotation X: ...`.
 */
function prefixCandidates(labels: readonly (readonly string[])[]): Candidate[] {
  const kinds = new Map<string, readonly string[]>();
  for (const [first = '', ...others] of labels) {
    const [, prefix, name] = /^(\S+ )(\S+)$/.exec(first) ?? [];
    if (prefix !== undefined && name !== undefined && others.length > 0) {
      kinds.set(prefix, [name, ...others]);
    }
  }
  const acceleration = [...kinds].find(([prefix]) => /^acc/i.test(prefix));
  if (kinds.size < 2 || acceleration === undefined) {
    return [];
  }
  const [prefix, axes] = acceleration;
  const left = [...kinds.keys()].filter((each) => each !== prefix).map((each) => each.trim());
  const notes = [`lines that begin otherwise (${left.join(', ')}) are passed over`];
  return [{ ...candidate(axes, notes), options: { prefix } }];
}

function candidate(
  axes: readonly string[],
  notes: readonly string[],
  mostConfidence = 0.98,
): Candidate {
  return {
    decoder: 'csv',
    axes,
    options: {},
    mostConfidence,
    isUnnamed: false,
    evidence: 'lines',
    notes,
  };
}

function lastWord(name: string): string {
  return name.split(/\s+/).at(-1) ?? name;
}

function mostFrequent(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) {
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}
