import { LstmdError } from '../../../base/errors.js';
import { printableName } from '../../../base/printable-text.js';
import type { OnnxFunction, OnnxGraph, OnnxSource } from '../../source/onnx-source.js';
import { allBytes, type ByteSource } from '../byte-source.js';
import { ExternalTensors, type ReadBeside } from './external-data.js';
import { readFunction, readGraph } from './graph-message.js';
import { Message } from './message.js';

/**
 * Reads an ONNX file (`ModelProto`, onnx.proto), and the files beside it in which its weights may lie.
 *
 * @throws LstmdError `model.malformed` naming the node, tensor or field that is damaged, `model.refused` for
 *   what is not read
 */
export async function readOnnxFile(
  file: ByteSource,
  readBeside: ReadBeside,
  signal: AbortSignal | undefined,
): Promise<OnnxSource> {
  const external = new ExternalTensors();
  const bytes = await allBytes(file, signal);
  checkBeginning(bytes);
  const message = Message.of(bytes, 'the file');
  const functions: OnnxFunction[] = [];
  const opsets = new Map<string, number>();
  let producer = '';
  let producerVersion = '';
  const found: { graph?: OnnxGraph } = {};
  message.fields((field) => {
    switch (field) {
      case 2:
        producer = message.string();
        return true;
      case 3:
        producerVersion = message.string();
        return true;
      case 7:
        if (found.graph !== undefined) {
          throw message.malformed('holds two graphs: copy it again');
        }
        found.graph = readGraph(message.message('its graph'), external);
        return true;
      case 8: {
        const [domain, version] = readOpset(message.message('an opset'));
        const own = domain === 'ai.onnx' ? '' : domain;
        if ((opsets.get(own) ?? version) !== version) {
          throw message.malformed(
            `says two opsets of domain "${printableName(own)}", ${opsets.get(own) ?? 0} and ${version}`,
          );
        }
        opsets.set(own, version);
        return true;
      }
      case 25:
        functions.push(readFunction(message.message('a function'), external));
        return true;
      default:
        return false;
    }
  });
  const { graph } = found;
  if (graph === undefined) {
    throw new LstmdError(
      'model.malformed',
      'the file holds no ONNX graph (a Core ML model, .mlmodel, begins alike and is not read): export the model as ONNX',
    );
  }
  await external.read(readBeside, signal);
  return { producer, producerVersion, graph, functions, opsets };
}

/** Tags that a `ModelProto` may begin with; those of training and functions have two bytes, of which these are the first. */
const firstTags: ReadonlySet<number> = new Set([
  0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72, 0xa2, 0xca,
]);

/** Weights under the name of their model are told from a model that is damaged. */
function checkBeginning([first = 0]: Uint8Array): void {
  if (!firstTags.has(first)) {
    throw new LstmdError(
      'model.malformed',
      'the file does not begin as an ONNX file does: where it is the weights beside one (.data), name the .onnx file that was exported with them; otherwise copy or export it again',
    );
  }
}

function readOpset(message: Message): readonly [string, number] {
  let domain = '';
  let version = 1;
  message.fields((field) => {
    if (field === 1) {
      domain = message.string();
    } else if (field === 2) {
      version = message.int64();
    } else {
      return false;
    }
    return true;
  });
  return [domain, version];
}
