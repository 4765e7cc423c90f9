import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { unzipSync, zipSync } from 'fflate';
import { LstmdError } from '#src/base/errors.js';
import { programOf } from '#src/engine/program/program.js';
import { loadModel } from '#src/model/load-model.js';
import { loadBytes } from '../support/model-writer.js';
import { projectFile } from '../support/project.js';

const written = (name: string): string => projectFile(`test/model/written/${name}.keras`);

/** Holds what Keras wrote, and what is said of it. */
const refused: readonly (readonly [string, RegExp])[] = [
  ['int8', /layer "head" \(Dense\): it is quantized to int8 .*before quantize\(\)/],
];

for (const [name, says] of refused) {
  test(`says what a model of Keras is refused for: ${name}`, () =>
    assert.rejects(loadModel(written(name)), (error) => {
      assert.ok(error instanceof LstmdError && error.code === 'model.refused', String(error));
      assert.match(error.message, says);
      assert.doesNotMatch(error.message, /absent|__slice__/);
      return true;
    }));
}

test('a model of any number of steps asks for --window', async () => {
  const plan = await loadModel(written('any-steps'));
  assert.throws(() => programOf(plan, { mode: 'sliding' }), /--window.*model\.window/);
});

const members = (): Record<string, Uint8Array> => unzipSync(readFileSync(written('any-steps')));

for (const [missing, says] of [
  [
    'config.json',
    /no member config.json, only metadata.json and model.weights.h5: it holds weights/,
  ],
  ['model.weights.h5', /no member model.weights.h5, only .*: it holds the architecture alone/],
] as const) {
  test(`says what a .keras is without ${missing}`, async () => {
    const { [missing]: _, ...others } = members();
    await assert.rejects(loadBytes(zipSync(others, { level: 0 })), says);
  });
}

for (const [name, change, says] of [
  ['config.json', (bytes: Uint8Array) => bytes.subarray(0, 100), /model: config.json is no whole/],
  [
    'model.weights.h5',
    (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1),
    /model: member model.weights.h5: the HDF5 data is damaged/,
  ],
] as const) {
  test(`damage in a .keras names the file and the member: ${name}`, async () => {
    const all = members();
    const damaged = zipSync({ ...all, [name]: change(all[name] ?? new Uint8Array(0)) });
    await assert.rejects(loadBytes(damaged), says);
  });
}
