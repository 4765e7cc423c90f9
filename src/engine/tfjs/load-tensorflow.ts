import { createRequire } from 'node:module';
import util from 'node:util';
import { errorCode, LstmdError, messageOf } from '../../base/errors.js';
import type { TensorFlow } from './tensorflow.js';

/** A TensorFlow.js that works. */
export interface LoadedTensorFlow {
  readonly tf: TensorFlow;
  /** Package, version and backend. */
  readonly target: string;
}

/** In the order of preference: the first that is installed is taken, and must work. */
const tensorFlowPackages = ['@tensorflow/tfjs-node', '@tensorflow/tfjs'] as const;

const backends = { '@tensorflow/tfjs-node': 'tensorflow', '@tensorflow/tfjs': 'cpu' } as const;

/** Says that no package is installed, and what to do. */
export const absence =
  'engine tfjs: TensorFlow.js is not installed: npm install @tensorflow/tfjs-node, or @tensorflow/tfjs, which needs no binary';

/**
 * Loads the TensorFlow.js that is installed, and tries one operation.
 *
 * @param from the module or folder URL that packages are resolved from
 * @param packages those to look for
 * @throws LstmdError `engine.unavailable` when none is installed, or when the first that is does not
 *   work, with the cause and the remedy
 */
export async function loadTensorFlow(
  from = import.meta.url,
  packages: readonly (keyof typeof backends)[] = tensorFlowPackages,
): Promise<LoadedTensorFlow> {
  for (const name of packages) {
    const path = resolvePackage(name, from);
    if (path === undefined) {
      continue;
    }
    try {
      const tf = requirePackage(path, from);
      tf.enableProdMode();
      await tf.setBackend(backends[name]);
      await tf.ready();
      probe(tf);
      return { tf, target: `${name} ${tf.version_core}, ${tf.getBackend()}` };
    } catch (cause) {
      throw new LstmdError(
        'engine.unavailable',
        `${name} is installed, but does not work: ${firstLine(messageOf(cause))}; ${remedyOf(name, cause)}`,
        { cause },
      );
    }
  }
  throw new LstmdError('engine.unavailable', absence);
}

/** Returns whether one of the packages is installed, be it in pieces. */
export function isTensorFlowInstalled(): boolean {
  return tensorFlowPackages.some((name) => resolvePackage(name, import.meta.url) !== undefined);
}

/** Undefined where the package is not installed. Only this is absence, everything later is a fault. */
function resolvePackage(name: string, from: string): string | undefined {
  const { resolve } = createRequire(from);
  try {
    return resolve(name);
  } catch {
    try {
      // A package without its main file is installed, and its import says what is missing.
      return resolve(`${name}/package.json`).replace(/package\.json$/, 'dist/index.js');
    } catch {
      return undefined;
    }
  }
}

/** Both are CommonJS: an `import` of them would read all of their text for names to export, which takes longer. */
function requirePackage(path: string, from: string): TensorFlow {
  // tfjs-node 4.22.0 calls it at every operation, and Node 23 has removed it.
  if (!('isNullOrUndefined' in util)) {
    Object.assign(util, {
      isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    });
  }
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  return createRequire(from)(path) as TensorFlow;
}

/** Runs one operation, because an addon may load and yet fail at the first. */
function probe(tf: TensorFlow): void {
  tf.tidy(() => {
    const row = tf.reshape(tf.tensor(Float32Array.of(1, 2), [2]), [1, 2]);
    const [product] = tf.matMul(row, tf.tensor(Float32Array.of(3, 4), [2, 1])).dataSync();
    if (product !== 11) {
      throw new Error(`(1, 2) times (3, 4) is 11, not ${product}`);
    }
  });
}

/**
 * A hint for the message. TensorFlow's own errors have no code that tells these causes apart, so their
 * text is looked at here, for the hint and for nothing that the program does.
 */
function remedyOf(name: string, cause: unknown): string {
  const code = errorCode(cause);
  const message = messageOf(cause);
  if (message.includes('isNullOrUndefined')) {
    return `its binary does not fit Node ${process.versions.node}: use Node 22 or older`;
  }
  if (message.includes('libtensorflow')) {
    return `its TensorFlow library is missing: "npm rebuild ${name}" downloads it and needs the network`;
  }
  if (message.includes('native addon') || message.includes('tfjs_binding')) {
    return `its addon was not built (npm may have blocked its install script): "npm rebuild ${name} --foreground-scripts"`;
  }
  if (code === 'ERR_DLOPEN_FAILED') {
    return `its addon does not fit this machine: "npm rebuild ${name} --build-addon-from-source"`;
  }
  return `install it anew, or remove it${name === '@tensorflow/tfjs' ? '' : ' and install @tensorflow/tfjs'}`;
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0];
}
