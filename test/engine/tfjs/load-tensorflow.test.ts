import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadTensorFlow } from '#src/engine/tfjs/load-tensorflow.js';
import { LstmdError } from '#src/base/errors.js';
import { testFolder } from '../../support/daemon.js';

/** Makes a folder in which each package has the main file given, and gives its URL. */
function install(t: TestContext, packages: Readonly<Record<string, string>>): string {
  const folder = testFolder(t);
  for (const [name, main] of Object.entries(packages)) {
    const at = join(folder, 'node_modules', name);
    mkdirSync(join(at, 'dist'), { recursive: true });
    writeFileSync(join(at, 'package.json'), JSON.stringify({ name, main: 'dist/index.js' }));
    if (main !== '') {
      writeFileSync(join(at, 'dist/index.js'), main);
    }
  }
  return pathToFileURL(join(folder, 'main.js')).href;
}

async function refusal(from: string): Promise<string> {
  const error: unknown = await loadTensorFlow(from).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof LstmdError);
  assert.equal(error.code, 'engine.unavailable');
  return error.message;
}

/** The main file of a package whose operations all give `dataSync`. */
const api = (dataSync: string): string => `
  const tensor = { shape: [1, 2], dataSync: () => ${dataSync} };
  module.exports = {
    version_core: '4.22.0',
    enableProdMode() {}, getBackend: () => 'tensorflow', memory: () => ({ numTensors: 0 }),
    setBackend: async () => true, ready: async () => {}, tidy: (work) => work(),
    tensor: () => tensor, reshape: () => tensor, matMul: () => tensor,
  };`;

describe('the TensorFlow.js that is installed', () => {
  test('is absent where neither package is', async (t) => {
    assert.match(await refusal(install(t, {})), /is not installed: npm install @tensorflow/);
  });

  test('is tfjs-node before tfjs', async (t) => {
    const from = install(t, {
      '@tensorflow/tfjs-node': api('[11]'),
      '@tensorflow/tfjs': 'throw new Error("must not be loaded")',
    });
    const { target } = await loadTensorFlow(from);
    assert.equal(target, '@tensorflow/tfjs-node 4.22.0, tensorflow');
  });

  const broken: [what: string, main: string, message: RegExp][] = [
    [
      'no libtensorflow',
      `throw Object.assign(new Error('libtensorflow.so.2: cannot open shared object file'), { code: 'ERR_DLOPEN_FAILED' })`,
      /tfjs-node is installed, but does not work: libtensorflow\.so\.2: cannot open.*library is missing.*npm rebuild/,
    ],
    [
      'no addon',
      `throw new Error('The Node.js native addon module (tfjs_binding.node) can not be found at path: /x')`,
      /can not be found at path.*addon was not built.*npm rebuild/,
    ],
    [
      'a binary of another machine',
      `throw Object.assign(new Error('invalid ELF header'), { code: 'ERR_DLOPEN_FAILED' })`,
      /invalid ELF header; its addon does not fit this machine/,
    ],
    [
      'a Node that it does not know',
      api(`{ throw new TypeError('util_1.isNullOrUndefined is not a function') }`).replace(
        /\(\) => (\{ throw)/,
        '() => $1',
      ),
      /isNullOrUndefined is not a function; its binary does not fit Node/,
    ],
    ['wrong numbers', api('[12]'), /is 11, not 12; install it anew, or remove it/],
    ['no main file', '', /is installed, but does not work/],
  ];
  for (const [what, main, message] of broken) {
    test(`is broken with ${what}, though tfjs is there`, async (t) => {
      const from = install(t, { '@tensorflow/tfjs-node': main, '@tensorflow/tfjs': api('[11]') });
      assert.match(await refusal(from), message);
    });
  }

  test('finds util.isNullOrUndefined, which tfjs-node calls and Node 23 has no more', async (t) => {
    const main = `const util = require('util'); if (!util.isNullOrUndefined(null)) throw new Error();${api('[11]')}`;
    await loadTensorFlow(install(t, { '@tensorflow/tfjs-node': main }));
  });
});
