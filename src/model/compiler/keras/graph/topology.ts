import { LstmdError } from '../../../../base/errors.js';
import { isObject, type JsonObject } from '../../../../base/json.js';

/** Output `tensor` of call `call` of a layer. */
export interface TensorRef {
  readonly layer: string;
  readonly call: number;
  readonly tensor: number;
}

/** One use of a layer. */
export interface LayerCall {
  readonly inputs: readonly TensorRef[];
  /** What a recurrent layer begins with; Keras 2 has it among the inputs. */
  readonly initialState: readonly TensorRef[];
  /** The mask that it is called with; Keras 3 spells out those that Masking makes. */
  readonly mask: TensorRef | null;
  /** The arguments in order: inputs, and constants where it is an operation. */
  readonly args: readonly CallArgument[];
  /** Arguments by name: `training`, `mask` ... */
  readonly options: JsonObject;
}

export type CallArgument = { readonly tensor: TensorRef } | { readonly constant: unknown };

export interface LayerSpec {
  readonly name: string;
  readonly className: string;
  /** Package of a class that Keras does not have itself, or null. */
  readonly custom: string | null;
  /** Whether it is one of Keras 3's operations (`a * 2`), and not the layer of that name. */
  readonly isOperation: boolean;
  readonly config: JsonObject;
  readonly calls: readonly LayerCall[];
  /** Index in Keras' `model.layers`; null for the input layer of a Sequential, which is not in it. */
  readonly index: number | null;
}

/** A model's layers and how they hang together, whichever way Keras spelled it. */
export interface Topology {
  readonly name: string;
  readonly layers: readonly LayerSpec[];
  /** Names of its InputLayers, in the order of the model's inputs. */
  readonly inputs: readonly string[];
  readonly outputs: readonly TensorRef[];
}

/**
 * @param architecture `{ class_name, config }`
 * @throws LstmdError `model.malformed`, or `model.refused` for a class that is neither Sequential nor Functional
 */
export function topologyOf(architecture: unknown): Topology {
  const { className, config } = classAndConfig(architecture, 'the model');
  if (!isModel(className)) {
    throw new LstmdError(
      'model.refused',
      `the model is a ${className}: only Sequential and Functional models can be loaded, since the steps of other classes are Python code`,
    );
  }
  return className === 'Sequential' ? sequential(config) : functional(config);
}

/** Whether a class is a model, which may stand where a layer does. */
export function isModel(className: string): boolean {
  return className === 'Sequential' || className === 'Functional' || className === 'Model';
}

/** Keras up to 2.2.2 wrote a bare list of layers as a Sequential's config. */
function sequential(config: unknown): Topology {
  const about = isObject(config) ? config : {};
  const entries = asArray(Array.isArray(config) ? config : about['layers'], 'layers').map((entry) =>
    layerSpec(entry),
  );
  if (entries[0] !== undefined && entries[0].className !== 'InputLayer') {
    entries.unshift(impliedInput(entries[0], about));
  }
  let previous: TensorRef | undefined;
  let index = 0;
  const layers = entries.map((entry): LayerSpec => {
    const isInput = entry.className === 'InputLayer';
    const inputs = previous === undefined ? [] : [previous];
    previous = { layer: entry.name, call: 0, tensor: 0 };
    const calls = [{ ...noCall, inputs: isInput ? [] : inputs }];
    const place = isInput ? null : index;
    if (!isInput) {
      index += 1;
    }
    return specOf(entry, calls, place);
  });
  if (previous === undefined) {
    throw malformed('the model has no layers');
  }
  return {
    name: nameOf(about, 'sequential'),
    layers: unique(layers),
    inputs: layers.slice(0, 1).map(({ name }) => name),
    outputs: [previous],
  };
}

const noCall: LayerCall = { inputs: [], initialState: [], mask: null, args: [], options: {} };

export type LayerEntry = Omit<LayerSpec, 'calls' | 'index'>;

function specOf(entry: LayerEntry, calls: readonly LayerCall[], index: number | null): LayerSpec {
  return { ...entry, calls, index };
}

/** A Sequential without InputLayer names its input shape on the first layer, or where it was built. */
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

function functional(config: unknown): Topology {
  if (!isObject(config)) {
    throw malformed('the model has no config');
  }
  const entries = asArray(config['layers'], 'layers').map((entry) => ({
    layer: layerSpec(entry),
    nodes: isObject(entry) ? asArray(entry['inbound_nodes'], 'inbound_nodes') : [],
  }));
  const outputs = references(config['output_layers'], 'output_layers');
  const layers = entries.map(({ layer, nodes }, index) =>
    specOf(
      layer,
      layer.className === 'InputLayer' ? [noCall] : nodes.map((node) => callOf(node, layer.name)),
      index,
    ),
  );
  const isKeras3 = entries.some(({ nodes }) => nodes.some(isObject));
  return renumbered(isKeras3, {
    name: nameOf(config, 'model'),
    layers: unique(layers),
    inputs: references(config['input_layers'] ?? [], 'input_layers').map(({ layer }) => layer),
    outputs,
  });
}

/**
 * A model that is a layer has been used once when it was made. Keras 2 counts its uses from there,
 * Keras 3 does so in the list of outputs; but in the configuration there are only the others.
 */
function renumbered(isKeras3: boolean, topology: Topology): Topology {
  const models = topology.layers.filter(({ className }) => isModel(className));
  if (models.length === 0) {
    return topology;
  }
  const uses = topology.layers.flatMap(({ calls }) => calls.flatMap(referencesOf));
  const offsets = new Map(
    models.map(({ name, className }) => {
      const used = [...uses, ...topology.outputs].filter(({ layer }) => layer === name);
      const first = Math.min(...used.map(({ call }) => call));
      return [name, isKeras3 ? Number(className !== 'Sequential') : first];
    }),
  );
  const lower = (reference: TensorRef): TensorRef => ({
    ...reference,
    call: Math.max(0, reference.call - (offsets.get(reference.layer) ?? 0)),
  });
  const outputs = topology.outputs.map(lower);
  if (isKeras3) {
    return { ...topology, outputs };
  }
  const layers = topology.layers.map((layer): LayerSpec => {
    const calls = layer.calls.map((call): LayerCall => {
      const inputs = call.inputs.map(lower);
      return Object.assign({}, call, { inputs });
    });
    return Object.assign({}, layer, { calls });
  });
  return { ...topology, layers, outputs };
}

/** All that flows into a use of a layer. */
export function referencesOf({ inputs, initialState, mask }: LayerCall): TensorRef[] {
  return [...inputs, ...initialState, ...(mask === null ? [] : [mask])];
}

/**
 * A layer as the configuration has it.
 *
 * @throws LstmdError `model.malformed` where there is none
 */
export function layerSpec(entry: unknown): LayerEntry {
  const { className, config, outer } = classAndConfig(entry, 'a layer');
  const options = isObject(config) ? config : {};
  const name = options['name'] ?? outer['name'];
  if (typeof name !== 'string') {
    throw malformed(`a layer of class ${className} has no name`);
  }
  return {
    name,
    className,
    custom: customPackage(outer, className),
    isOperation: isOperation(outer, options),
    config: options,
  };
}

/** Keras 3's `.h5` leaves the module out; but every layer has further options, and no operation has. */
function isOperation({ module, inbound_nodes: nodes }: JsonObject, config: JsonObject): boolean {
  if (typeof module === 'string') {
    return /^keras\.(src\.)?ops\b/.test(module);
  }
  return (
    Array.isArray(nodes) &&
    isObject(nodes[0]) &&
    Object.keys(config).every((key) => key === 'name' || key === 'axis' || key === 'keepdims')
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

/**
 * Keras 3: `{ args: [tensor | [tensor ...] | constant ...], kwargs }`; Keras 2: a list of
 * `[layer, call, tensor, kwargs]`.
 */
function callOf(node: unknown, layer: string): LayerCall {
  if (Array.isArray(node)) {
    const inputs = references(node, `inbound_nodes of layer "${layer}"`);
    const options: Record<string, unknown> = {};
    for (const entry of node as unknown[]) {
      if (Array.isArray(entry) && isObject(entry[3])) {
        Object.assign(options, entry[3]);
      }
    }
    return { ...noCall, inputs, options };
  }
  if (!isObject(node)) {
    throw malformed(`inbound_nodes of layer "${layer}" are not understood`);
  }
  const args = asArray(node['args'], 'args').flatMap((argument): CallArgument[] => {
    const tensors = tensorsIn(argument, layer);
    return tensors === undefined ? [{ constant: argument }] : tensors.map((tensor) => ({ tensor }));
  });
  const options = isObject(node['kwargs']) ? node['kwargs'] : {};
  const { initial_state: state = null, mask = null, ...others } = options;
  const states = state === null ? [] : tensorsIn(state, layer);
  const [masked, ...more] = mask === null ? [] : (tensorsIn(mask, layer) ?? [undefined]);
  if (states === undefined || more.length > 0 || (mask !== null && masked === undefined)) {
    return { ...noCall, inputs: inputsIn(args), options };
  }
  return {
    inputs: inputsIn(args),
    initialState: states,
    mask: masked ?? null,
    args,
    options: others,
  };
}

function inputsIn(args: readonly CallArgument[]): TensorRef[] {
  return args.flatMap((argument) => ('tensor' in argument ? [argument.tensor] : []));
}

/** A tensor, or a list of nothing but tensors; undefined where it is anything else. */
function tensorsIn(value: unknown, layer: string): TensorRef[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const histories = list.map((one) => kerasHistory(one));
  if (histories.includes(undefined)) {
    return undefined;
  }
  return histories.flatMap((history) => references(history, `inbound_nodes of layer "${layer}"`));
}

function kerasHistory(value: unknown): unknown {
  return isObject(value) && value['class_name'] === '__keras_tensor__' && isObject(value['config'])
    ? value['config']['keras_history']
    : undefined;
}

/** One `[layer, call, tensor]` or a list of them. */
function references(value: unknown, where: string): TensorRef[] {
  const list = asArray(value, where);
  const entries: unknown[] = typeof list[0] === 'string' ? [list] : list;
  return entries.map((entry) => {
    const [layer, call, tensor] = asArray(entry, where);
    if (typeof layer !== 'string' || typeof call !== 'number' || typeof tensor !== 'number') {
      throw malformed(`${where} of the model's configuration are not understood`);
    }
    return { layer, call, tensor };
  });
}

function classAndConfig(
  value: unknown,
  what: string,
): { className: string; config: unknown; outer: JsonObject } {
  if (!isObject(value) || typeof value['class_name'] !== 'string') {
    throw malformed(`${what} has no class_name`);
  }
  return { className: value['class_name'], config: value['config'], outer: value };
}

function unique(layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name)) {
      throw malformed(`two layers are named "${name}"`);
    }
    names.add(name);
  }
  return layers;
}

function nameOf(config: JsonObject, fallback: string): string {
  return typeof config['name'] === 'string' ? config['name'] : fallback;
}

function asArray(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) {
    throw malformed(`${what} of the model's configuration is not a list`);
  }
  return value;
}

function malformed(message: string): LstmdError {
  return new LstmdError('model.malformed', message);
}
