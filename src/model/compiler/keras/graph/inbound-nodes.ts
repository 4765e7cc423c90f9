import { isObject } from '../../../../base/json.js';
import { malformed, requireList } from './malformed-config.js';
import { emptyCall, type CallArgument, type LayerCall, type TensorRef } from './topology.js';

/**
 * Reads one of a layer's `inbound_nodes`, which is one call of the layer. Keras 3 writes
 * `{ args: [tensor | [tensor ...] | constant ...], kwargs }`, Keras 2 a list of
 * `[layer, call, tensor, kwargs]`.
 *
 * @throws LstmdError `model.malformed` naming the layer
 */
export function readCall(node: unknown, layer: string): LayerCall {
  if (Array.isArray(node)) {
    return readKeras2Call(node, layer);
  }
  if (!isObject(node)) {
    throw malformed(`inbound_nodes of layer "${layer}" are not understood`);
  }
  const args = requireList(node['args'], 'args').flatMap((argument): CallArgument[] => {
    const tensors = readTensors(argument, layer);
    return tensors === undefined ? [{ constant: argument }] : tensors.map((tensor) => ({ tensor }));
  });
  const inputs = args.flatMap((argument) => ('tensor' in argument ? [argument.tensor] : []));
  const options = isObject(node['kwargs']) ? node['kwargs'] : {};
  const { initial_state: state = null, mask: givenMask = null, ...others } = options;
  const initialState = state === null ? [] : readTensors(state, layer);
  const masks = givenMask === null ? [] : readTensors(givenMask, layer);
  const [mask = null] = masks ?? [];
  // Whatever is neither a state nor a mask of tensors stays an option, which is refused by its name.
  if (initialState === undefined || masks?.length !== (givenMask === null ? 0 : 1)) {
    return { ...emptyCall, inputs, options };
  }
  const named: Record<string, TensorRef> = {};
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(others)) {
    const [tensor] = kerasHistory(value) === undefined ? [] : (readTensors(value, layer) ?? []);
    if (tensor === undefined) {
      plain[key] = value;
    } else {
      named[key] = tensor;
    }
  }
  return { inputs, initialState, mask, args, named, options: plain };
}

function readKeras2Call(node: unknown[], layer: string): LayerCall {
  const inputs = readReferences(node, `inbound_nodes of layer "${layer}"`);
  const options: Record<string, unknown> = {};
  for (const entry of node) {
    if (Array.isArray(entry) && isObject(entry[3])) {
      Object.assign(options, entry[3]);
    }
  }
  return { ...emptyCall, inputs, options };
}

/** @returns the tensors of a value that is a tensor or a list of nothing but tensors; else undefined */
function readTensors(value: unknown, layer: string): TensorRef[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const histories = list.map((item) => kerasHistory(item));
  if (histories.includes(undefined)) {
    return undefined;
  }
  return histories.flatMap((history) =>
    readReferences(history, `inbound_nodes of layer "${layer}"`),
  );
}

function kerasHistory(value: unknown): unknown {
  return isObject(value) && value['class_name'] === '__keras_tensor__' && isObject(value['config'])
    ? value['config']['keras_history']
    : undefined;
}

/**
 * Reads one `[layer, call, tensor]` or a list of them.
 *
 * @param where names the value in messages, e.g. `output_layers`
 * @throws LstmdError `model.malformed`
 */
export function readReferences(value: unknown, where: string): TensorRef[] {
  const list = requireList(value, where);
  const entries: unknown[] = typeof list[0] === 'string' ? [list] : list;
  return entries.map((entry) => {
    const [layer, call, tensor] = requireList(entry, where);
    if (typeof layer !== 'string' || typeof call !== 'number' || typeof tensor !== 'number') {
      throw malformed(`${where} of the model's configuration are not understood`);
    }
    return { layer, call, tensor };
  });
}
