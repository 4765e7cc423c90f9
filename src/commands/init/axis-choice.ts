import { LstmdError } from '../../base/errors.js';
import { isObject } from '../../base/json.js';
import { axisKey } from '../../sensor/decoders/axis-key.js';
import type { Finding } from '../../detection/finding.js';

/**
 * Those of the axes that a model of so many features takes: as they were asked for, all of them, or the acceleration.
 *
 * @throws LstmdError `usage.invalid` where none fit, with both sides named
 */
export function chooseAxes<Found extends Finding>(
  found: Found,
  features: number,
  asked: readonly string[] | undefined,
): Found {
  const { axes } = found;
  const chosen = asked?.map((name) => indexOfAxis(axes, name)) ?? fittingAxes(found, features);
  if (chosen?.length !== features) {
    const sends = `the sensor sends ${axes.length} (${axes.join(', ')})`;
    throw new LstmdError(
      'usage.invalid',
      chosen === undefined && features > axes.length
        ? `the model takes ${features} features, and ${sends}: have it send more, or take a model of ${axes.length}`
        : `the model takes ${features} features, and ${sends}: say which by --axes, with commas between`,
    );
  }
  return chosen.length === axes.length && chosen.every((axis, n) => axis === n)
    ? found
    : withAxes(found, chosen);
}

function indexOfAxis(axes: readonly string[], name: string): number {
  const index = axes.indexOf(name);
  if (index === -1) {
    throw new LstmdError(
      'usage.invalid',
      `--axes: there is no ${name}; found were ${axes.join(', ')}`,
    );
  }
  return index;
}

function fittingAxes({ axes, gravity }: Finding, features: number): number[] | undefined {
  if (features === axes.length) {
    return [...axes.keys()];
  }
  const keys = axes.map(axisKey);
  const named = ['ax', 'ay', 'az'].map((key) => keys.indexOf(key));
  if (features !== named.length) {
    return undefined;
  }
  if (!named.includes(-1)) {
    return named;
  }
  return gravity === null ? undefined : [gravity.axis, gravity.axis + 1, gravity.axis + 2];
}

function withAxes<Found extends Finding>(found: Found, chosen: readonly number[]): Found {
  const { decoder, options, places, axes, ranges, units } = found;
  if (decoder === 'cobs') {
    throw new LstmdError(
      'usage.invalid',
      `a COBS frame has as many axes as the model has features, and this one has ${axes.length}: have the sensor send ${chosen.length}`,
    );
  }
  const named: Readonly<Record<string, unknown>> = { ...options, ...places };
  const pick = (key: string): Record<string, unknown> => {
    const list: unknown = named[key];
    return Array.isArray(list) ? { [key]: chosen.map((n): unknown => list[n]) } : {};
  };
  const registers: Readonly<Record<string, unknown>> | undefined = isObject(named['registers'])
    ? named['registers']
    : undefined;
  const map =
    registers === undefined
      ? {}
      : {
          registers: Object.fromEntries(
            chosen.map((n): [string, unknown] => [axes[n] ?? '', registers[axes[n] ?? '']]),
          ),
        };
  return {
    ...found,
    axes: chosen.map((n) => axes[n] ?? ''),
    options: { ...named, ...map, ...pick('columns'), ...pick('paths') },
    ranges: chosen.flatMap((n) => ranges[n] ?? []),
    units: chosen.map((n) => units[n] ?? null),
  };
}
