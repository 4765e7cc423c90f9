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
  concat: 'Concatenate',
  expand_dims: 'ExpandDims',
  'compat.v1.squeeze': 'Squeeze',
  cast: 'Cast',
  '__operators__.getitem': 'GetItem',
};

/** Arguments that are the second one of an operation. */
const seconds = ['y', 'slice_spec'];

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
  const className = typeof name === 'string' ? (functions[name] ?? `tf.${name}`) : entry.className;
  const read = nodes.map((node) => readNode(node));
  const config: Record<string, unknown> = {};
  for (const { options } of read) {
    Object.assign(config, options);
  }
  const layer = { ...entry, className, isOperation: true, config: { ...config, name: entry.name } };
  return { layer, calls: read.map(({ call }) => call) };
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
