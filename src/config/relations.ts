import type { Fault } from './fault.js';
import type { z } from './option-types.js';
import { valueAt } from './value-at.js';
import { features, model, publish, sensorOptions } from './schema.js';

/**
 * The faults that lie between two sections of a stream. Each section is read by itself, so that a
 * fault in one does not hide what is wrong between two others.
 */
export function relationFaults(raw: object): Fault[] {
  const streams: [string, unknown][] = Object.entries(objectOf(valueAt(raw, ['streams'])));
  return [
    ...streams.flatMap(([stream, sections]) =>
      streamFaults(sections).map(({ path, message }) => ({
        path: ['streams', stream, ...path],
        message,
      })),
    ),
    ...sharedLinkFaults(streams),
  ];
}

/** A port has one reader: of two streams that name it, one would never get a sample. */
function sharedLinkFaults(streams: readonly [string, unknown][]): Fault[] {
  const owners = new Map<unknown, string>();
  const faults: Fault[] = [];
  for (const [stream, sections] of streams) {
    const link = valueAt(sections, ['sensor', 'link']);
    const owner = owners.get(link);
    if (typeof link !== 'string') {
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
  for (const [option, values] of Object.entries({ scale, mean, std })) {
    if (axes !== undefined && Array.isArray(values) && values.length !== axes.length) {
      const message = `must have one entry an axis: ${axes.length}, not ${values.length}`;
      faults.push({ path: ['features', option], message });
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
