import { isObject, type JsonObject } from '../../../base/json.js';

/** A layer, cell, wrapper or model as a configuration has it. */
export interface ConfigEntry {
  readonly className: string;
  readonly config: JsonObject;
}

/** Changes every `{ class_name, config }` of a configuration, those inside of others first. */
export function respell(value: unknown, change: (entry: ConfigEntry) => ConfigEntry): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => respell(item, change));
  }
  if (!isObject(value)) {
    return value;
  }
  const spelled = mapEntries(value, (key, item) => [key, respell(item, change)]);
  const { class_name: className, config } = spelled;
  if (typeof className !== 'string' || !isObject(config)) {
    return spelled;
  }
  const changed = change({ className, config });
  return { ...spelled, class_name: changed.className, config: changed.config };
}

/** Options under other names; an option that is there under its new name already is kept. */
export function renamed(config: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return mapEntries(config, (key, value) => {
    const name = names.get(key) ?? key;
    return [name in config ? key : name, value];
  });
}

/** Names of the layers, and of the models inside of them, at any depth. */
export function layerNames(architecture: unknown): Set<string> {
  const names = new Set<string>();
  respell(architecture, (entry) => {
    const { name } = entry.config;
    if (typeof name === 'string') {
      names.add(name);
    }
    return entry;
  });
  return names;
}

export function mapEntries(
  object: JsonObject,
  map: (key: string, value: unknown) => [string, unknown],
): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => map(key, value)));
}

/** The layers of a model by name, without those of models inside of it. */
export function layerEntries(architecture: unknown): Map<string, unknown> {
  const entries = new Map<string, unknown>();
  const config = isObject(architecture) ? architecture['config'] : undefined;
  const layers = isObject(config) ? config['layers'] : config;
  for (const entry of Array.isArray(layers) ? (layers as unknown[]) : []) {
    const options = isObject(entry) ? entry['config'] : undefined;
    const name = isObject(options) ? options['name'] : undefined;
    if (typeof name === 'string') {
      entries.set(name, entry);
    }
  }
  return entries;
}
