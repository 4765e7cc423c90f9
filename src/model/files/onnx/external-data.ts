import { errorCode, LstmdError } from '../../../base/errors.js';
import { printableName } from '../../../base/printable-text.js';
import type { ByteSource } from '../byte-source.js';
import { decodeElements, type Elements } from './element-types.js';

/** A tensor whose elements lie in another file (onnx/docs/ExternalData.md). */
export interface ExternalTensor {
  /** As messages name it. */
  readonly label: string;
  /** The keys `location`, `offset` and `length`; others change nothing. */
  readonly place: ReadonlyMap<string, string>;
  readonly type: string;
  readonly byteLength: number;
  /** Memory for its elements. */
  readonly data: Elements;
}

/**
 * Reads a file beside the model's.
 *
 * @param location a path that `checkLocation` accepts
 */
export type ReadBeside = (
  location: string,
  use: (file: ByteSource) => Promise<void>,
) => Promise<void>;

/** The tensors of a model whose elements lie in other files. */
export class ExternalTensors {
  readonly #byLocation = new Map<string, ExternalTensor[]>();

  /** @throws LstmdError `model.refused` for a path out of the model's folder */
  add(tensor: ExternalTensor): void {
    const location = tensor.place.get('location') ?? '';
    checkLocation(tensor.label, location);
    const others = this.#byLocation.get(location);
    if (others === undefined) {
      this.#byLocation.set(location, [tensor]);
    } else {
      others.push(tensor);
    }
  }

  /**
   * Reads all of them, each straight into its memory.
   *
   * @throws LstmdError naming the file that is missing or too short
   */
  async read(readBeside: ReadBeside, signal: AbortSignal | undefined): Promise<void> {
    for (const [location, tensors] of this.#byLocation) {
      try {
        await readBeside(location, async (file) => {
          checkIsNoPointer(file, location);
          for (const tensor of tensors) {
            await readElements(file, location, tensor, signal);
          }
        });
      } catch (cause) {
        if (cause instanceof LstmdError && errorCode(cause.cause) === 'ENOENT') {
          const name = printableName(location);
          throw new LstmdError(
            'model.unreadable',
            `its weights lie in "${name}", which is not beside it: copy both files into one folder, under the names that the exporter gave them, or export with external_data=False`,
            { cause },
          );
        }
        throw cause;
      }
    }
  }
}

/** @throws LstmdError `model.refused` for a path that is not one beside the model's file */
function checkLocation(label: string, location: string): void {
  const isBeside =
    location !== '' &&
    !/^\/|^\w+:|[\\\0]/.test(location) &&
    location.split('/').every((part) => part !== '..');
  if (!isBeside) {
    throw new LstmdError(
      'model.refused',
      `${label} lies in "${printableName(location)}", which is not a path within the model's folder`,
    );
  }
}

/** The first bytes of what Git has in the place of a large file. */
const lfsPointer = 'version https://git-lfs.github.com/spec';

/** @throws LstmdError `model.malformed` for a file that Git LFS has not fetched */
function checkIsNoPointer(file: ByteSource, location: string): void {
  const start = file.view(0, Math.min(file.size, lfsPointer.length)).toString('latin1');
  if (start === lfsPointer) {
    throw malformed(
      `its weights lie in "${printableName(location)}", which is a Git LFS pointer and not the weights themselves: fetch them with "git lfs pull"`,
    );
  }
}

async function readElements(
  file: ByteSource,
  location: string,
  { label, place, type, byteLength, data }: ExternalTensor,
  signal: AbortSignal | undefined,
): Promise<void> {
  const offset = wholeNumber(label, 'offset', place.get('offset') ?? '0');
  const length = wholeNumber(label, 'length', place.get('length') ?? String(byteLength));
  const name = printableName(location);
  if (length !== byteLength) {
    throw malformed(`${label} takes ${byteLength} bytes, and ${length} are set apart in "${name}"`);
  }
  if (offset + length > file.size) {
    throw malformed(
      `${label} ends at byte ${offset + length} of "${name}", which has ${file.size}: the file is cut off, or of another export`,
    );
  }
  if (type === 'float32') {
    await file.readInto(new Uint8Array(data.buffer), offset, signal);
    return;
  }
  const bytes = new Uint8Array(length);
  await file.readInto(bytes, offset, signal);
  data.set(decodeElements(bytes, type) ?? []);
}

function wholeNumber(label: string, key: string, text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw malformed(`${label}: ${key}="${printableName(text)}" is not a whole number`);
  }
  return number;
}

function malformed(reason: string): LstmdError {
  return new LstmdError('model.malformed', reason);
}
