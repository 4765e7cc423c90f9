import { isObject, type JsonObject } from '../../../../base/json.js';
import { readCall, readReferences } from './inbound-nodes.js';
import { isModelClass, readLayerEntry } from './layer-entry.js';
import { malformed, requireList } from './malformed-config.js';
import { isTensorFlowOperation, tensorFlowOperation } from './tensorflow-operations.js';
import {
  emptyCall,
  referencesOf,
  type LayerCall,
  type LayerSpec,
  type OutputRef,
  type TensorRef,
  type Topology,
} from './topology.js';

/**
 * Reads the `config` of a Functional model.
 *
 * @throws LstmdError `model.malformed`
 */
export function readFunctional(config: unknown): Topology {
  if (!isObject(config)) {
    throw malformed('the model has no config');
  }
  const entries = requireList(config['layers'], 'layers').map((entry) => ({
    layer: readLayerEntry(entry),
    nodes: isObject(entry) ? requireList(entry['inbound_nodes'], 'inbound_nodes') : [],
  }));
  const outputs = readOutputs(config['output_layers']);
  const layers = entries.map(({ layer, nodes }, index): LayerSpec => {
    if (isTensorFlowOperation(layer.className)) {
      const operation = tensorFlowOperation(layer, nodes);
      return Object.assign({}, operation.layer, { calls: operation.calls, index });
    }
    const calls =
      layer.className === 'InputLayer'
        ? [emptyCall]
        : nodes.map((node) => readCall(node, layer.name));
    return Object.assign({}, layer, { calls, index });
  });
  const inputs =
    config['input_layers'] === undefined
      ? layers
          .filter(({ className }) => className === 'InputLayer')
          .map(({ name }) => ({ layer: name, call: 0, tensor: 0 }))
      : readInputs(config['input_layers']);
  const topology = {
    name: typeof config['name'] === 'string' ? config['name'] : 'model',
    layers,
    inputs: inputs.map(({ layer }) => layer),
    inputKeys: readInputKeys(config['input_layers']),
    outputs,
  };
  const isKeras3 = entries.some(({ nodes }) => nodes.some(isObject));
  return withCallsFromZero(topology, isKeras3);
}

/** The entries of a dict in the order in which Keras counts them, which is that of their keys. */
function entriesOfDict(value: JsonObject): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Inputs in a list, or in a dict by their names. */
function readInputs(value: unknown): TensorRef[] {
  const entries = isObject(value) ? entriesOfDict(value).map(([, entry]) => entry) : [value];
  return entries.flatMap((entry) => readReferences(entry, 'input_layers'));
}

/** The keys of a dict of inputs, by the names of the layers. */
function readInputKeys(value: unknown): ReadonlyMap<string, string> {
  const keys = isObject(value)
    ? entriesOfDict(value).flatMap(([key, entry]) =>
        readReferences(entry, 'input_layers').map(({ layer }) => [layer, key] as const),
      )
    : [];
  return new Map(keys);
}

/** Outputs in a list, or in a dict by their keys, each of which may have several. */
function readOutputs(value: unknown): OutputRef[] {
  const where = 'output_layers';
  if (!isObject(value)) {
    return readReferences(value, where).map((reference) =>
      Object.assign({}, reference, { key: null }),
    );
  }
  return entriesOfDict(value).flatMap(([key, entry]) => {
    const references = readReferences(entry, `${where}.${key}`);
    return references.map((reference, i) =>
      Object.assign({}, reference, { key: references.length === 1 ? key : `${key}_${i}` }),
    );
  });
}

/**
 * A model that stands as a layer has been called once when it was made, and that call is not in the
 * configuration. Keras 2 counts it wherever the model's outputs are referred to, Keras 3 only in
 * the list of the outer model's outputs. Here calls are counted from 0 among those that there are.
 */
function withCallsFromZero(topology: Topology, isKeras3: boolean): Topology {
  const models = topology.layers.filter(({ className }) => isModelClass(className));
  if (models.length === 0) {
    return topology;
  }
  const references = [
    ...topology.layers.flatMap(({ calls }) => calls.flatMap(referencesOf)),
    ...topology.outputs,
  ];
  const offsets = new Map(
    models.map(({ name, className }) => {
      const calls = references.filter(({ layer }) => layer === name).map(({ call }) => call);
      return [name, isKeras3 ? Number(className !== 'Sequential') : Math.min(...calls)];
    }),
  );
  const renumber = <T extends TensorRef>(reference: T): T => ({
    ...reference,
    call: Math.max(0, reference.call - (offsets.get(reference.layer) ?? 0)),
  });
  const outputs = topology.outputs.map(renumber);
  if (isKeras3) {
    return { ...topology, outputs };
  }
  const layers = topology.layers.map((layer): LayerSpec => {
    const calls = layer.calls.map((call): LayerCall => {
      const inputs = call.inputs.map(renumber);
      return Object.assign({}, call, { inputs });
    });
    return Object.assign({}, layer, { calls });
  });
  return { ...topology, layers, outputs };
}
