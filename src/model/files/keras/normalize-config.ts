import { isObject, type JsonObject } from '../../../base/json.js';

/** A layer, cell, wrapper or model, as a configuration has it. */
export interface ConfigEntry {
  readonly className: string;
  readonly config: JsonObject;
}

/**
 * Rewrites every `{ class_name, config }` of a configuration, at any depth.
 *
 * @param change is called for each, after it was called for those inside of it
 */
export function normalizeConfig(
  value: unknown,
  change: (entry: ConfigEntry) => ConfigEntry,
): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => normalizeConfig(item, change));
  }
  if (!isObject(value)) {
    return value;
  }
  const normalized = mapEntries(value, (key, item) => [key, normalizeConfig(item, change)]);
  const { class_name: className, config } = normalized;
  if (typeof className !== 'string' || !isObject(config)) {
    return normalized;
  }
  const changed = change({ className, config });
  return { ...normalized, class_name: changed.className, config: changed.config };
}

/** Gives options other names. An option whose new name is taken keeps the old one. */
export function renameOptions(config: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return mapEntries(config, (key, value) => {
    const name = names.get(key) ?? key;
    return [name in config ? key : name, value];
  });
}

/** An object of the same entries, each changed by `map`. */
export function mapEntries(
  object: JsonObject,
  map: (key: string, value: unknown) => [string, unknown],
): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => map(key, value)));
}
