import type { Fault } from './fault.js';
import { schemeOf, type z } from './option-types.js';
import { featureNames, type FeatureNames } from './feature-names.js';
import { declaredUnits } from './declared-units.js';
import { linkFaults } from './link-faults.js';
import { schemaAt } from './schema-walk.js';
import { unitFaults } from './unit-faults.js';
import { valueAt } from './value-at.js';
import { features } from './features-section.js';
import { model } from './model-section.js';
import { publish } from './publish-section.js';
import { sensorOptions } from './sensor-section.js';

/**
 * The faults that lie between two sections of a stream. Each section is read by itself, so that a
 * fault in one does not hide what is wrong between two others.
 *
 * @param schema made by `createConfigSchema`
 */
export function relationFaults(schema: z.ZodType, raw: object): Fault[] {
  const streams: [string, unknown][] = Object.entries(objectOf(valueAt(raw, ['streams'])));
  return [
    ...streams.flatMap(([stream, sections]) => {
      const sensor = schemaAt(schema, raw, ['streams', stream, 'sensor']);
      return [
        ...streamFaults(sections),
        ...unitFaultsOf(sections, sensor),
        ...linkFaults(sensor, objectOf(valueAt(sections, ['sensor']))),
      ].map(({ path, message }) => ({ path: ['streams', stream, ...path], message }));
    }),
    ...sharedLinkFaults(streams),
  ];
}

/** A port has one reader: of two streams that name it, one would never get a sample. A topic may have many. */
function sharedLinkFaults(streams: readonly [string, unknown][]): Fault[] {
  const owners = new Map<unknown, string>();
  const faults: Fault[] = [];
  for (const [stream, sections] of streams) {
    const link = valueAt(sections, ['sensor', 'link']);
    const owner = owners.get(link);
    if (typeof link !== 'string' || /^mqtts?$/.test(schemeOf(link) ?? '')) {
      continue;
    }
    if (owner === undefined) {
      owners.set(link, stream);
    } else {
      const message = `${link} is read by stream ${owner} already: a port has one reader`;
      faults.push({ path: ['streams', stream, 'sensor', 'link'], message });
    }
  }
  return faults;
}

function streamFaults(raw: unknown): Fault[] {
  const faults: Fault[] = [];
  const axes = read(sensorOptions.axes, valueAt(raw, ['sensor', 'axes']));
  const { scale, mean, std } = read(features, valueAt(raw, ['features'])) ?? {};
  const names = featureNamesOf(raw, axes);
  if (names !== undefined && 'fault' in names) {
    const { path, message } = names.fault;
    faults.push({ path: ['features', 'steps', ...path], message });
  }
  for (const [option, values] of Object.entries({ mean, std })) {
    const wanted = names !== undefined && 'names' in names ? names.names : undefined;
    if (wanted !== undefined && Array.isArray(values) && values.length !== wanted.length) {
      const message =
        wanted === axes
          ? `must have one entry an axis: ${axes.length}, not ${values.length}`
          : `must have one entry each for ${wanted.join(', ')}: ${wanted.length}, not ${values.length}`;
      faults.push({ path: ['features', option], message });
    }
  }
  const perAxis = {
    features: { scale },
    sensor: { units: read(sensorOptions.units, valueAt(raw, ['sensor', 'units'])) },
    model: { units: read(model.shape.units, valueAt(raw, ['model', 'units'])) },
  };
  for (const [section, options] of Object.entries(perAxis)) {
    for (const [option, values] of Object.entries(options)) {
      if (axes !== undefined && Array.isArray(values) && values.length !== axes.length) {
        const message = `must have one entry an axis: ${axes.length}, not ${values.length}`;
        faults.push({ path: [section, option], message });
      }
    }
  }
  const labels = read(model.shape.labels, valueAt(raw, ['model', 'labels']));
  const events = read(publish, valueAt(raw, ['publish']))?.events ?? [];
  for (const [index, { label }] of events.entries()) {
    if (labels !== undefined && label !== undefined && !labels.includes(label)) {
      const message = `"${label}" is not among model.labels: ${labels.join(', ')}`;
      faults.push({ path: ['publish', 'events', index, 'label'], message });
    }
  }
  return faults;
}

/** Undefined where the axes, the rate or a step have faults of their own. */
function featureNamesOf(
  raw: unknown,
  axes: readonly string[] | undefined,
): FeatureNames | undefined {
  const rateHz = read(sensorOptions.rateHz, valueAt(raw, ['sensor', 'rateHz']));
  const resample = read(sensorOptions.resample, valueAt(raw, ['sensor', 'resample']));
  const steps = read(features, valueAt(raw, ['features']))?.steps;
  return axes === undefined || rateHz === undefined || steps === undefined
    ? undefined
    : featureNames(axes, steps, resample?.rateHz ?? rateHz);
}

/** @param sensorSchema the variant that the stream's decoder chooses; undefined where it chooses none */
function unitFaultsOf(raw: unknown, sensorSchema: z.ZodType | undefined): Fault[] {
  const axes = read(sensorOptions.axes, valueAt(raw, ['sensor', 'axes']));
  const configured = read(sensorOptions.units, valueAt(raw, ['sensor', 'units']));
  const wanted = read(model.shape.units, valueAt(raw, ['model', 'units']));
  if (axes === undefined || !fits(configured, axes) || !fits(wanted, axes)) {
    return [];
  }
  const { scale = 1 } = read(features, valueAt(raw, ['features'])) ?? {};
  const declared = declaredUnits(sensorSchema, objectOf(valueAt(raw, ['sensor'])));
  return unitFaults({ axes, configured, declared, wanted, scale });
}

function fits(units: string | readonly string[] | undefined, axes: readonly string[]): boolean {
  return !Array.isArray(units) || units.length === axes.length;
}

/** The parsed value; undefined where the schema has faults of its own to report. */
function read<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
): z.output<Schema> | undefined {
  return schema.safeParse(raw).data;
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
