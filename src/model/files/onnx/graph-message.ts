import { LstmdError } from '../../../base/errors.js';
import { printableName } from '../../../base/printable-text.js';
import type {
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxValueInfo,
} from '../../source/onnx-source.js';
import type { ExternalTensors } from './external-data.js';
import type { Message } from './message.js';
import { readTensor } from './tensor-message.js';
import { readValueInfo } from './value-info-message.js';

/** Reads a `GraphProto`. */
export function readGraph(message: Message, external: ExternalTensors): OnnxGraph {
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, OnnxTensor>();
  const inputs: OnnxValueInfo[] = [];
  const outputs: OnnxValueInfo[] = [];
  message.fields((field) => {
    switch (field) {
      case 1:
        nodes.push(readNode(message.message(`node ${nodes.length}`), external));
        return true;
      case 5: {
        const tensor = readTensor(message.message(`initialiser ${initializers.size}`), external);
        if (initializers.has(tensor.name)) {
          throw message.malformed(`has two initialisers "${printableName(tensor.name)}"`);
        }
        initializers.set(tensor.name, tensor);
        return true;
      }
      case 11:
        inputs.push(readValueInfo(message.message(`input ${inputs.length}`)));
        return true;
      case 12:
        outputs.push(readValueInfo(message.message(`output ${outputs.length}`)));
        return true;
      case 15:
        throw new LstmdError(
          'model.refused',
          'its graph has sparse initialisers, which are not supported',
        );
      default:
        return false;
    }
  });
  return { nodes, initializers, inputs, outputs };
}

/** Reads a `NodeProto`. */
export function readNode(message: Message, external: ExternalTensors): OnnxNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let name = '';
  let operator = '';
  let domain = '';
  let overload = '';
  message.fields((field) => {
    switch (field) {
      case 1:
        inputs.push(message.string());
        return true;
      case 2:
        outputs.push(message.string());
        return true;
      case 3:
        name = message.string();
        return true;
      case 4:
        operator = message.string();
        return true;
      case 5: {
        const label = `node "${printableName(name || (outputs[0] ?? ''))}"`;
        const [key, attribute] = readAttribute(
          message.message(`an attribute of ${label}`),
          external,
        );
        if (attributes.has(key)) {
          throw new LstmdError(
            'model.malformed',
            `${label} has its attribute "${printableName(key)}" twice`,
          );
        }
        attributes.set(key, attribute);
        return true;
      }
      case 7:
        domain = message.string();
        return true;
      case 8:
        overload = message.string();
        return true;
      default:
        return false;
    }
  });
  return {
    name,
    operator,
    domain: domain === 'ai.onnx' ? '' : domain,
    ...(overload === '' ? {} : { overload }),
    inputs,
    outputs,
    attributes,
  };
}

/** Kinds of `AttributeProto.AttributeType`; old files leave the type out, and the field tells it. */
const kinds: ReadonlyMap<number, OnnxAttribute['kind']> = new Map([
  [1, 'float'],
  [2, 'int'],
  [3, 'string'],
  [4, 'tensor'],
  [5, 'graph'],
  [6, 'floats'],
  [7, 'ints'],
  [8, 'strings'],
]);

function readAttribute(
  message: Message,
  external: ExternalTensors,
): readonly [string, OnnxAttribute] {
  let name = '';
  let reference = '';
  let number = 0;
  let text = '';
  const found: {
    /** The type that the attribute says. */
    kind?: OnnxAttribute['kind'];
    /** The type of the field that holds its value. */
    seen: OnnxAttribute['kind'];
    tensor?: OnnxTensor;
    graph?: OnnxGraph;
  } = { seen: 'other' };
  const numbers: number[] = [];
  const texts: string[] = [];
  message.fields((field) => {
    switch (field) {
      case 1:
        name = message.string();
        return true;
      case 2:
        number = message.float();
        found.seen = 'float';
        return true;
      case 3:
        number = message.int64();
        found.seen = 'int';
        return true;
      case 4:
        text = message.string();
        found.seen = 'string';
        return true;
      case 5:
        found.tensor = readTensor(message.message('a tensor of an attribute'), external);
        found.seen = 'tensor';
        return true;
      case 6:
        found.graph = readGraph(message.message('a graph of an attribute'), external);
        found.seen = 'graph';
        return true;
      case 7:
        message.floats(numbers);
        found.seen = 'floats';
        return true;
      case 8:
        message.int64s(numbers);
        found.seen = 'ints';
        return true;
      case 9:
        texts.push(message.string());
        found.seen = 'strings';
        return true;
      case 20:
        found.kind = kinds.get(message.int64()) ?? 'other';
        return true;
      case 21:
        reference = message.string();
        return true;
      default:
        return false;
    }
  });
  const known = found.kind ?? found.seen;
  if (reference !== '') {
    return [name, { kind: 'reference', value: reference }];
  }
  switch (known) {
    case 'float':
    case 'int':
      return [name, { kind: known, value: number }];
    case 'floats':
    case 'ints':
      return [name, { kind: known, value: numbers }];
    case 'string':
      return [name, { kind: known, value: text }];
    case 'strings':
      return [name, { kind: known, value: texts }];
    case 'tensor':
    case 'graph': {
      const value = known === 'tensor' ? found.tensor : found.graph;
      if (value === undefined) {
        throw message.malformed(`named "${printableName(name)}" has no ${known}`);
      }
      return 'nodes' in value
        ? [name, { kind: 'graph', value }]
        : [name, { kind: 'tensor', value }];
    }
    default:
      return [name, { kind: 'other', value: 'a type that is not read' }];
  }
}

/** Reads a `FunctionProto`. */
export function readFunction(message: Message, external: ExternalTensors): OnnxFunction {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: OnnxNode[] = [];
  const attributes = new Map<string, OnnxAttribute>();
  let name = '';
  let domain = '';
  let overload = '';
  message.fields((field) => {
    switch (field) {
      case 1:
        name = message.string();
        return true;
      case 4:
        inputs.push(message.string());
        return true;
      case 5:
        outputs.push(message.string());
        return true;
      case 7:
        nodes.push(readNode(message.message(`node ${nodes.length} of a function`), external));
        return true;
      case 10:
        domain = message.string();
        return true;
      case 11: {
        const [key, value] = readAttribute(message.message('a default'), external);
        attributes.set(key, value);
        return true;
      }
      case 13:
        overload = message.string();
        return true;
      default:
        return false;
    }
  });
  return {
    name,
    domain: domain === 'ai.onnx' ? '' : domain,
    overload,
    inputs,
    outputs,
    nodes,
    attributes,
  };
}
