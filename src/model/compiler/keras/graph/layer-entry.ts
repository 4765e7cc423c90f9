import { isObject, type JsonObject } from '../../../../base/json.js';
import { malformed } from './malformed-config.js';

/** A layer, cell or model as the configuration has it, without its place in a graph. */
export interface LayerEntry {
  readonly name: string;
  readonly className: string;
  /** Package of a class that Keras does not have itself, or null. */
  readonly custom: string | null;
  /** True when it is one of Keras 3's operations (`a * 2`), and not the layer of that name. */
  readonly isOperation: boolean;
  readonly config: JsonObject;
}

/**
 * @param entry `{ class_name, config }`
 * @throws LstmdError `model.malformed` where the class or the name is missing
 */
export function readLayerEntry(entry: unknown): LayerEntry {
  const { className, config, entry: outer } = readClass(entry, 'a layer');
  const options = isObject(config) ? config : {};
  const name = options['name'] ?? outer['name'];
  if (typeof name !== 'string') {
    throw malformed(`a layer of class ${className} has no name`);
  }
  return {
    name,
    className,
    custom: customPackage(outer, className),
    isOperation: isOperation(outer, className, options),
    config: options,
  };
}

/** Returns whether a class is a model, which may stand where a layer does. */
export function isModelClass(className: string): boolean {
  return className === 'Sequential' || className === 'Functional' || className === 'Model';
}

/** @param what names the value in the message, e.g. `the model` */
export function readClass(
  entry: unknown,
  what: string,
): { readonly className: string; readonly config: unknown; readonly entry: JsonObject } {
  if (!isObject(entry) || typeof entry['class_name'] !== 'string') {
    throw malformed(`${what} has no class_name`);
  }
  return { className: entry['class_name'], config: entry['config'], entry };
}

/** The layers whose configuration in Keras 3 is their own alone (keras/src/layers/regularization/spatial_dropout.py). */
const terseLayers: ReadonlySet<string> = new Set([
  'SpatialDropout1D',
  'SpatialDropout2D',
  'SpatialDropout3D',
]);

/**
 * Keras 3's `.h5` has no `module`. There an operation is told from a layer by what every layer's
 * configuration says, and no operation's: whether it is trainable. Only `terseLayers` do not say it.
 */
function isOperation(
  { module, inbound_nodes: nodes }: JsonObject,
  className: string,
  config: JsonObject,
): boolean {
  if (typeof module === 'string') {
    return /^keras\.(src\.)?ops\b/.test(module);
  }
  return (
    Array.isArray(nodes) &&
    isObject(nodes[0]) &&
    !('trainable' in config || 'layers' in config || terseLayers.has(className))
  );
}

/** Keras 3 writes the module and, for a registered class, `package>Class`; Keras 2 the latter as class name. */
function customPackage(entry: JsonObject, className: string): string | null {
  const { module, registered_name: registered } = entry;
  if (typeof registered === 'string' && registered.includes('>')) {
    return registered.split('>', 1)[0] ?? null;
  }
  if (className.includes('>')) {
    return className.split('>', 1)[0] ?? null;
  }
  return typeof module === 'string' && !/^(keras|tf_keras|tensorflow)(\.|$)/.test(module)
    ? module
    : null;
}
