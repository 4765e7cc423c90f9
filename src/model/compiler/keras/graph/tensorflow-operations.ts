import { isObject, type JsonObject } from '../../../../base/json.js';
import type { LayerEntry } from './layer-entry.js';
import { emptyCall, type CallArgument, type LayerCall, type TensorRef } from './topology.js';

/** TensorFlow's functions that Keras 2 saves as layers, and Keras 3's operations of the same kind. */
const functions: Readonly<Record<string, string>> = {
  'math.add': 'Add',
  '__operators__.add': 'Add',
  'math.subtract': 'Subtract',
  'math.multiply': 'Multiply',
  'math.truediv': 'TrueDivide',
  'math.divide': 'TrueDivide',
  'math.pow': 'Power',
  'math.maximum': 'Maximum',
  'math.minimum': 'Minimum',
  'math.sqrt': 'Sqrt',
  'math.rsqrt': 'Rsqrt',
  'math.square': 'Square',
  'math.abs': 'Absolute',
  'math.negative': 'Negative',
  'math.exp': 'Exp',
  'math.log': 'Log',
  'math.sigmoid': 'Sigmoid',
  'math.tanh': 'Tanh',
  'nn.relu': 'Relu',
  'nn.sigmoid': 'Sigmoid',
  'nn.tanh': 'Tanh',
  'nn.softmax': 'Softmax',
  'math.reduce_sum': 'Sum',
  'math.reduce_mean': 'Mean',
  'math.reduce_max': 'Max',
  'math.reduce_min': 'Min',
  'math.reduce_std': 'Std',
  'math.reduce_variance': 'Var',
  'math.reduce_logsumexp': 'Logsumexp',
  'math.reduce_any': 'Any',
  'math.reduce_all': 'All',
  'math.greater': 'Greater',
  'math.greater_equal': 'GreaterEqual',
  'math.less': 'Less',
  'math.less_equal': 'LessEqual',
  'math.equal': 'Equal',
  'math.not_equal': 'NotEqual',
  'math.logical_and': 'LogicalAnd',
  'math.logical_or': 'LogicalOr',
  'math.logical_not': 'LogicalNot',
  'math.argmax': 'Argmax',
  'math.argmin': 'Argmin',
  'math.cumsum': 'Cumsum',
  'math.log1p': 'Log1p',
  'math.expm1': 'Expm1',
  'math.sin': 'Sin',
  'math.cos': 'Cos',
  'math.sign': 'Sign',
  'math.reciprocal': 'Reciprocal',
  'math.softplus': 'Softplus',
  'nn.softplus': 'Softplus',
  'nn.relu6': 'Relu6',
  'nn.elu': 'Elu',
  'nn.selu': 'Selu',
  'nn.leaky_relu': 'LeakyRelu',
  clip_by_value: 'Clip',
  where: 'Where',
  roll: 'Roll',
  reverse: 'Flip',
  stack: 'Stack',
  split: 'Split',
  unstack: 'Unstack',
  tile: 'Tile',
  repeat: 'Repeat',
  gather: 'Take',
  pad: 'Pad',
  reshape: 'Reshape',
  transpose: 'Transpose',
  squeeze: 'Squeeze',
  norm: 'Norm',
  zeros_like: 'ZerosLike',
  ones_like: 'OnesLike',
  identity: 'Copy',
  stop_gradient: 'StopGradient',
  'linalg.matmul': 'Matmul',
  concat: 'Concatenate',
  expand_dims: 'ExpandDims',
  cast: 'Cast',
  '__operators__.getitem': 'GetItem',
};

/** Arguments that are the second one of an operation, or a third behind it. */
const seconds = ['x', 'y', 'b', 'indices', 'slice_spec'];

/** TensorFlow's names of arguments that Keras 3 names otherwise, by the function. */
const argumentNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  clip_by_value: { clip_value_min: 'x_min', clip_value_max: 'x_max' },
  split: { num_or_size_splits: 'indices_or_sections' },
  tile: { multiples: 'repeats' },
  pad: { paddings: 'pad_width' },
  reshape: { shape: 'newshape' },
  transpose: { perm: 'axes' },
  'nn.leaky_relu': { alpha: 'negative_slope' },
};

/** Says what a function of TensorFlow does where an argument is absent, and Keras 3's operation something else. */
const argumentDefaults: Readonly<Record<string, JsonObject>> = {
  'math.argmax': { axis: 0 },
  'math.argmin': { axis: 0 },
  'math.cumsum': { axis: 0 },
  'nn.leaky_relu': { negative_slope: 0.2 },
  gather: { axis: 0 },
  split: { axis: 0 },
  stack: { axis: 0 },
  unstack: { axis: 0 },
};

/** Returns whether Keras 2 saved a function of TensorFlow under this class. */
export function isTensorFlowOperation(className: string): boolean {
  return className === 'TFOpLambda' || className === 'SlicingOpLambda';
}

/**
 * The operation that a function of TensorFlow is; what is not known stays as it is, and is refused by the
 * function's name.
 *
 * @param nodes `inbound_nodes` of the layer: one call is one list, `[layer, call, tensor, arguments]`
 */
export function tensorFlowOperation(
  entry: LayerEntry,
  nodes: readonly unknown[],
): { readonly layer: LayerEntry; readonly calls: readonly LayerCall[] } {
  const name = entry.config['function'];
  // The older form of a function is saved under another name: tf.transpose as compat.v1.transpose.
  const key = typeof name === 'string' ? name.replace(/^compat\.v1\./, '') : '';
  const className = typeof name === 'string' ? (functions[key] ?? `tf.${name}`) : entry.className;
  const read = nodes.map((node) => readNode(node));
  const config: Record<string, unknown> = { ...argumentDefaults[key] };
  for (const { options } of read) {
    for (const [option, value] of Object.entries(options)) {
      config[argumentNames[key]?.[option] ?? option] = value;
    }
  }
  renameValues(key, config);
  const layer = { ...entry, className, isOperation: true, config: { ...config, name: entry.name } };
  return { layer, calls: read.map(({ call }) => call) };
}

/** Values that TensorFlow writes otherwise than Keras 3. */
function renameValues(name: string, config: Record<string, unknown>): void {
  if (name === 'pad' && typeof config['mode'] === 'string') {
    config['mode'] = config['mode'].toLowerCase();
  }
  const sizes = config['indices_or_sections'];
  if (name === 'split' && Array.isArray(sizes)) {
    // TensorFlow has the size of each part, Keras 3 the places at which a part ends.
    let end = 0;
    config['indices_or_sections'] = sizes.slice(0, -1).map((size) => (end += Number(size)));
  }
}

function readNode(node: unknown): { readonly call: LayerCall; readonly options: JsonObject } {
  const parts: readonly unknown[] = Array.isArray(node) ? node : [];
  const lists = parts.every((part) => Array.isArray(part)) ? parts : [parts];
  const args: CallArgument[] = [];
  const options: Record<string, unknown> = {};
  for (const list of lists) {
    const [layer, , , given] = Array.isArray(list) ? (list as readonly unknown[]) : [];
    const tensor = tensorOf(list);
    if (tensor !== undefined && layer !== '_CONSTANT_VALUE') {
      args.push({ tensor });
    } else if (Array.isArray(list) && layer === '_CONSTANT_VALUE') {
      args.push({ constant: list[2] as unknown });
    }
    Object.assign(options, isObject(given) ? given : {});
  }
  for (const key of seconds) {
    if (key in options) {
      const tensor = tensorOf(options[key]);
      const constant = key === 'slice_spec' ? sliceOf(options[key]) : options[key];
      args.push(tensor === undefined ? { constant } : { tensor });
      delete options[key];
    }
  }
  delete options['name'];
  const inputs = args.flatMap((argument) => ('tensor' in argument ? [argument.tensor] : []));
  return { call: { ...emptyCall, inputs, args }, options };
}

/** `[layer, call, tensor]`, perhaps with arguments behind it. */
function tensorOf(value: unknown): TensorRef | undefined {
  if (!Array.isArray(value)) {
    return undefined;
  }
  const [layer, call, tensor] = value as readonly unknown[];
  const isReference =
    typeof layer === 'string' && typeof call === 'number' && typeof tensor === 'number';
  return isReference ? { layer, call, tensor } : undefined;
}

/** A slice as Keras 3 writes it. */
function sliceOf(value: unknown): unknown {
  return Array.isArray(value)
    ? value.map((part: unknown) =>
        isObject(part) && part['class_name'] === undefined
          ? { class_name: '__slice__', config: part }
          : part,
      )
    : value;
}
