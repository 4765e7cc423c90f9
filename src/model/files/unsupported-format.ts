import { LstmdError } from '../../base/errors.js';
import { isObject } from '../../base/json.js';

const how = 'write a Keras model with model.save("model.keras")';

interface Kind {
  readonly is: (bytes: Buffer) => boolean;
  readonly error: () => LstmdError;
}

const kinds: readonly Kind[] = [
  {
    is: (bytes) => bytes.length === 0,
    error: () => new LstmdError('model.malformed', 'the file is empty; copy it again'),
  },
  {
    is: (bytes) => starts(bytes, 'version https://git-lfs.github.com/spec'),
    error: () =>
      new LstmdError(
        'model.malformed',
        'this is a Git LFS pointer, not the model itself: fetch it with "git lfs pull"',
      ),
  },
  {
    is: (bytes) => bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5,
    error: () => refused(`this is a Python pickle, which is code and is never run here; ${how}`),
  },
  {
    is: (bytes) => bytes.toString('latin1', 4, 8) === 'TFL3',
    error: () => refused(`TensorFlow Lite files are not supported; ${how}`),
  },
  {
    // Fields 1 (version) and 2 (a graph) of the message SavedModel.
    is: ([first, version, next]) => first === 0x08 && version === 1 && next === 0x12,
    error: () => refused(`this is the graph of a SavedModel: load it in TensorFlow and ${how}`),
  },
  {
    // Fields 1 (version of the format) and 2 (producer) or 7 (graph) of the message ModelProto.
    is: ([first, version = 0, next]) =>
      first === 0x08 && version > 1 && version < 0x20 && (next === 0x12 || next === 0x3a),
    error: () => refused(`ONNX models are not supported; ${how}`),
  },
  {
    is: (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b,
    error: () => refused('this file is compressed by gzip: unpack it first'),
  },
  {
    is: (bytes) => starts(bytes, '\u0093NUMPY'),
    error: () => refused(`this is a NumPy array, not a model; ${how}`),
  },
  {
    is: (bytes) => /^\s*<(!doctype|html)/i.test(bytes.toString('latin1', 0, 100)),
    error: () =>
      new LstmdError('model.malformed', 'this is a web page, not a model: download the file again'),
  },
];

/** What a file is that is neither a zip archive nor HDF5: the error that names it, and what to do. */
export function unsupportedFile(content: Uint8Array): LstmdError {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const kind = kinds.find(({ is }) => is(bytes));
  if (kind !== undefined) {
    return kind.error();
  }
  return refused(
    `this is not a Keras model: it begins with ${bytes.toString('hex', 0, 8)}, neither HDF5 nor zip; ${how}`,
  );
}

/** What a zip archive is that is no Keras model. */
export function unsupportedArchive(names: readonly string[], missing: string): LstmdError {
  const has = (name: RegExp): boolean => names.some((one) => name.test(one));
  if (has(/(^|\/)data\.pkl$/)) {
    return refused('this is a PyTorch file, not a Keras model');
  }
  if (has(/(^|\/)saved_model\.pb$/)) {
    return refused(`this is a SavedModel in a zip archive: load it in TensorFlow and ${how}`);
  }
  if (has(/(^|\/)model\.json$/)) {
    return refused('this is a TensorFlow.js model in a zip archive: unpack it and name its folder');
  }
  if (has(/\.(keras|h5|hdf5)$/) && !names.includes('config.json')) {
    return refused('this is a zip archive with a model in it: unpack it');
  }
  return refused(`this zip archive is not a Keras model: it has no ${missing}; ${how}`);
}

/** What JSON is that is no TensorFlow.js model. */
export function unsupportedJson(json: unknown): LstmdError {
  if (isObject(json) && 'class_name' in json) {
    return refused(`this is an architecture without weights (model.to_json()); ${how}`);
  }
  return refused(`this JSON is not a model; ${how}`);
}

/** What a folder is that was named in place of a model file. */
export function unsupportedFolder(names: readonly string[]): LstmdError {
  if (names.includes('saved_model.pb')) {
    return refused(
      `this is a SavedModel folder: load it in Keras or TensorFlow and ${how.replace('a Keras model', 'it')}`,
    );
  }
  return new LstmdError('model.unreadable', 'this is a folder; name the model file in it');
}

function refused(message: string): LstmdError {
  return new LstmdError('model.refused', message);
}

function starts(bytes: Buffer, text: string): boolean {
  return bytes.toString('latin1', 0, text.length) === text;
}
