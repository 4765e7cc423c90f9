import { LstmdError } from '../../base/errors.js';
import { isObject } from '../../base/json.js';

const torchExport =
  'torch.onnx.export(model.eval(), example, "model.onnx", dynamo=False, input_names=["x"], dynamic_axes={"x": {0: "batch", 1: "time"}})';

const wayOut = `write a Keras model with model.save("model.keras"), or a PyTorch module with ${torchExport}`;

/** A kind of file that is not a model that can be loaded. */
interface FileKind {
  readonly matches: (bytes: Buffer) => boolean;
  readonly error: () => LstmdError;
}

const fileKinds: readonly FileKind[] = [
  {
    matches: (bytes) => bytes.length === 0,
    error: () => new LstmdError('model.malformed', 'the file is empty; copy it again'),
  },
  {
    matches: (bytes) => startsWith(bytes, 'version https://git-lfs.github.com/spec'),
    error: () =>
      new LstmdError(
        'model.malformed',
        'this is a Git LFS pointer, not the model itself: fetch it with "git lfs pull"',
      ),
  },
  {
    matches: (bytes) => bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5,
    error: () => refused(`this is a Python pickle, which is code and is never run here; ${wayOut}`),
  },
  {
    // safetensors: the length of a JSON header, then the header.
    matches: (bytes) => bytes.toString('latin1', 5, 10) === '\0\0\0{"',
    error: () =>
      refused(
        `this is a safetensors file, which has weights and no network: load it and ${wayOut}`,
      ),
  },
  {
    matches: (bytes) => bytes.toString('latin1', 4, 8) === 'ORTM',
    error: () =>
      refused(
        'this is an .ort file, which onnxruntime made of an ONNX file for itself: name that ONNX file',
      ),
  },
  {
    matches: (bytes) => startsWith(bytes, 'ftrt'),
    error: () =>
      refused(
        'this is an engine of TensorRT, made of an ONNX file for one GPU: name that ONNX file',
      ),
  },
  {
    matches: (bytes) => /^\s*(<\?xml[^>]*>)?\s*<net\b/.test(bytes.toString('latin1', 0, 300)),
    error: () =>
      refused(
        `this is a network of OpenVINO: name the ONNX file that it was made of, or ${wayOut}`,
      ),
  },
  {
    matches: (bytes) => /^\s*(import|from) [\w.]+/.test(bytes.toString('latin1', 0, 100)),
    error: () => refused(`this is Python code, which is never run here: run it and ${wayOut}`),
  },
  {
    matches: (bytes) => bytes.toString('latin1', 4, 8) === 'TFL3',
    error: () => refused(`TensorFlow Lite files are not supported; ${wayOut}`),
  },
  {
    // A protobuf message SavedModel begins with field 1 (version 1) and field 2 (a graph).
    matches: ([first, version, next]) => first === 0x08 && version === 1 && next === 0x12,
    error: () => refused(`this is the graph of a SavedModel: load it in TensorFlow and ${wayOut}`),
  },
  {
    matches: (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b,
    error: () => refused('this file is compressed by gzip: unpack it first'),
  },
  {
    matches: (bytes) => startsWith(bytes, '\u0093NUMPY'),
    error: () => refused(`this is a NumPy array, not a model; ${wayOut}`),
  },
  {
    matches: (bytes) => /^\s*<(!doctype|html)/i.test(bytes.toString('latin1', 0, 100)),
    error: () =>
      new LstmdError('model.malformed', 'this is a web page, not a model: download the file again'),
  },
];

/**
 * Returns whether a file is to be read as ONNX. Protobuf has no magic number: a `ModelProto` begins with field 1, the
 * version of the format, and another of its fields. What is called `.onnx` and is nothing else counts too, so that
 * damage is named as such.
 */
export function looksLikeOnnx(start: Buffer, fileName: string): boolean {
  const [first, version = 0, next = 0] = start;
  if (first === 0x08 && version > 1 && version < 0x20 && modelFields.has(next)) {
    return true;
  }
  const isOther =
    ['PK', '\u0089HDF'].some((magic) => startsWith(start, magic)) ||
    /^(\u00EF\u00BB\u00BF)?\s*[{<]/.test(start.toString('latin1')) ||
    fileKinds.some(({ matches }) => matches(start));
  return fileName.toLowerCase().endsWith('.onnx') && !isOther;
}

/** Tags of the fields that a `ModelProto` may have after its first: domain, versions, producer, graph, opsets ... */
const modelFields: ReadonlySet<number> = new Set([0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72]);

/** The error for a file that is neither zip, HDF5 nor JSON: it names what the file is and what to do. */
export function unsupportedFile(content: Uint8Array): LstmdError {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const kind = fileKinds.find(({ matches }) => matches(bytes));
  if (kind !== undefined) {
    return kind.error();
  }
  return refused(
    `this is neither a Keras model nor an ONNX file: it begins with ${bytes.toString('hex', 0, 8)}; ${wayOut}`,
  );
}

/**
 * The error for a zip archive that is not a Keras model.
 *
 * @param names of its members
 * @param missing the member that a Keras model would have
 */
export function unsupportedArchive(names: readonly string[], missing: string): LstmdError {
  const has = (name: RegExp): boolean => names.some((one) => name.test(one));
  if (has(/(^|\/)data\.pkl$/) && has(/(^|\/)code\/.*\.py$/)) {
    return refused(
      `this is a TorchScript file, whose network is code for PyTorch: model = torch.jit.load("model.pt"), then ${torchExport}`,
    );
  }
  if (has(/(^|\/)data\.pkl$/)) {
    return refused(
      `this is a PyTorch checkpoint, which has weights, and no network without its Python code: load it into the module in PyTorch, then ${torchExport}`,
    );
  }
  if (has(/(^|\/)(serialized_exported_program\.json|archive_format|models\/model\.json)$/)) {
    return refused(
      `this is a program of torch.export (.pt2): load the module in PyTorch, then ${torchExport}`,
    );
  }
  if (has(/(^|\/)saved_model\.pb$/)) {
    return refused(`this is a SavedModel in a zip archive: load it in TensorFlow and ${wayOut}`);
  }
  if (has(/(^|\/)model\.json$/)) {
    return refused('this is a TensorFlow.js model in a zip archive: unpack it and name its folder');
  }
  if (missing === 'model.weights.h5' && names.includes('model.weights.npz')) {
    return refused(
      `this .keras archive has its weights in model.weights.npz, as pickles of Python that Keras itself does not load: install h5py where the model is and save it again`,
    );
  }
  const ofKeras = ['config.json', 'metadata.json', 'model.weights.h5'].filter((name) =>
    names.includes(name),
  );
  if (ofKeras.length > 0) {
    const what = missing === 'model.weights.h5' ? 'the architecture' : 'weights';
    return refused(
      `this .keras archive has no member ${missing}, only ${ofKeras.join(' and ')}: it holds ${what} alone, or was packed anew without that file; ${wayOut}`,
    );
  }
  if (has(/\.(keras|h5|hdf5|onnx)$/)) {
    return refused('this is a zip archive with a model in it: unpack it first');
  }
  const members = names.length === 0 ? 'nothing' : names.slice(0, 3).join(', ');
  return refused(
    `this zip archive is not a Keras model: it has no ${missing}, but ${members}${names.length > 3 ? ' ...' : ''}; ${wayOut}`,
  );
}

/** The error for JSON that is not a TensorFlow.js model. */
export function unsupportedJson(json: unknown): LstmdError {
  if (isObject(json) && 'class_name' in json) {
    return refused(`this is an architecture without weights (model.to_json()); ${wayOut}`);
  }
  return refused(`this JSON is not a model; ${wayOut}`);
}

/**
 * The error for a folder that is not a TensorFlow.js model.
 *
 * @param names of the files in it
 */
export function unsupportedFolder(names: readonly string[]): LstmdError {
  if (names.includes('saved_model.pb')) {
    return refused(
      `this is a SavedModel folder: load it in Keras or TensorFlow and ${wayOut.replace('a Keras model', 'it')}`,
    );
  }
  if (names.includes('Manifest.json') && names.includes('Data')) {
    return refused(`this is a Core ML package (.mlpackage), which is not read; ${wayOut}`);
  }
  return new LstmdError('model.unreadable', 'this is a folder; name the model file in it');
}

function refused(message: string): LstmdError {
  return new LstmdError('model.refused', message);
}

function startsWith(bytes: Buffer, text: string): boolean {
  return bytes.toString('latin1', 0, text.length) === text;
}
