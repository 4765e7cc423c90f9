import { isObject } from '../../../base/json.js';
import { normalizeConfig } from './normalize-config.js';

/** Names of the layers, and of the models inside of them, at any depth. */
export function layerNames(architecture: unknown): Set<string> {
  const names = new Set<string>();
  normalizeConfig(architecture, (entry) => {
    const { name } = entry.config;
    if (typeof name === 'string') {
      names.add(name);
    }
    return entry;
  });
  return names;
}

/** The layers of a model by name, each `{ class_name, config }`, without those of models inside of it. */
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
