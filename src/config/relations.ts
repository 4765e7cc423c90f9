import type { z } from 'zod';
import type { Fault } from './fault.js';
import { configSchema, streamSchema } from './schema.js';

/**
 * What the schema cannot say, because it lies between options. Each part is read by itself, so that
 * a fault in one does not hide what is wrong between two others.
 */
export function relationFaults(raw: object): Fault[] {
  const streams = entries(part(raw, 'streams')).flatMap(([name, stream]) =>
    streamFaults(stream).map(({ path, message }) => ({
      path: ['streams', name, ...path],
      message,
    })),
  );
  return [...mqttFaults(part(raw, 'mqtt')), ...streams];
}

function mqttFaults(raw: unknown): Fault[] {
  const mqtt = read(configSchema.shape.mqtt, raw);
  if (mqtt === undefined) {
    return [];
  }
  const faults: Fault[] = [];
  if ((mqtt.cert === undefined) !== (mqtt.key === undefined)) {
    const missing = mqtt.cert === undefined ? 'cert' : 'key';
    faults.push({ path: ['mqtt', missing], message: 'is missing: cert and key go together' });
  }
  if (mqtt.passwordFile !== undefined && mqtt.username === undefined) {
    faults.push({ path: ['mqtt', 'username'], message: 'is missing: passwordFile needs it' });
  }
  if (mqtt.url.startsWith('mqtt:') && (mqtt.ca ?? mqtt.cert) !== undefined) {
    faults.push({
      path: ['mqtt', 'url'],
      message: 'is not encrypted, yet ca or cert is given: mqtts://',
    });
  }
  return faults;
}

function streamFaults(raw: unknown): Fault[] {
  const { shape } = streamSchema;
  const sensor = read(shape.sensor, part(raw, 'sensor'));
  const features = read(shape.features, part(raw, 'features'));
  const model = read(shape.model, part(raw, 'model'));
  const publish = read(shape.publish, part(raw, 'publish'));
  const faults: Fault[] = [];

  const lists: [path: string[], list: unknown][] = [
    [['sensor', 'columns'], sensor?.columns],
    [['features', 'scale'], features?.scale],
    [['features', 'mean'], features?.mean],
    [['features', 'std'], features?.std],
  ];
  const axes = sensor?.axes.length;
  for (const [path, list] of lists) {
    if (axes !== undefined && Array.isArray(list) && list.length !== axes) {
      faults.push({ path, message: `must have one entry an axis: ${axes}, not ${list.length}` });
    }
  }
  for (const [index, { label }] of (publish?.events ?? []).entries()) {
    if (model?.labels !== undefined && !model.labels.includes(label)) {
      faults.push({
        path: ['publish', 'events', index, 'label'],
        message: `"${label}" is not among model.labels: ${model.labels.join(', ')}`,
      });
    }
  }
  if (model !== undefined && model.stride !== 1 && model.mode !== 'sliding') {
    faults.push({
      path: ['model', 'stride'],
      message: `only means something in mode sliding, not in ${model.mode}`,
    });
  }
  return faults;
}

/** The parsed value; undefined where the schema has faults of its own to report. */
function read<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> | undefined {
  return schema.safeParse(raw).data;
}

function part(raw: unknown, key: string): unknown {
  return typeof raw === 'object' && raw !== null
    ? (raw as Record<string, unknown>)[key]
    : undefined;
}

function entries(raw: unknown): [string, unknown][] {
  return typeof raw === 'object' && raw !== null ? Object.entries(raw) : [];
}
