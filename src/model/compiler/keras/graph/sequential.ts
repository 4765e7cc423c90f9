import { isObject, type JsonObject } from '../../../../base/json.js';
import { readLayerEntry, type LayerEntry } from './layer-entry.js';
import { malformed, requireList } from './malformed-config.js';
import { emptyCall, type LayerSpec, type TensorRef, type Topology } from './topology.js';

/**
 * Reads a Sequential's `config`: an object with `layers`, or, from Keras up to 2.2.2, a bare list.
 *
 * @throws LstmdError `model.malformed`
 */
export function readSequential(config: unknown): Topology {
  const options = isObject(config) ? config : {};
  const list = Array.isArray(config) ? config : options['layers'];
  const entries = requireList(list, 'layers').map((entry) => readLayerEntry(entry));
  if (entries[0] !== undefined && entries[0].className !== 'InputLayer') {
    entries.unshift(impliedInput(entries[0], options));
  }
  const layers: LayerSpec[] = [];
  let previous: TensorRef | undefined;
  let nextIndex = 0;
  for (const entry of entries) {
    const isInput = entry.className === 'InputLayer';
    const inputs = isInput || previous === undefined ? [] : [previous];
    layers.push({
      ...entry,
      calls: [{ ...emptyCall, inputs }],
      index: isInput ? null : nextIndex,
    });
    nextIndex += isInput ? 0 : 1;
    previous = { layer: entry.name, call: 0, tensor: 0 };
  }
  if (previous === undefined) {
    throw malformed('the model has no layers');
  }
  return {
    name: typeof options['name'] === 'string' ? options['name'] : 'sequential',
    layers,
    inputs: layers.slice(0, 1).map(({ name }) => name),
    outputs: [{ ...previous, key: null }],
  };
}

/** A Sequential without InputLayer has its input shape in the first layer, or in its own config. */
function impliedInput(first: LayerEntry, config: JsonObject): LayerEntry {
  const shape =
    first.config['batch_shape'] ?? first.config['batch_input_shape'] ?? config['build_input_shape'];
  return {
    name: `${first.name}_input`,
    className: 'InputLayer',
    custom: null,
    isOperation: false,
    config: { batch_shape: shape },
  };
}
