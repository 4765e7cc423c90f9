import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { LstmdError } from '#src/base/errors.js';
import { loadModel } from '#src/model/load-model.js';
import type { StreamPlan } from '#src/model/plan/stream-plan.js';
import { externalTensor, model, node, tensor, Written } from './onnx-writer.js';

/** Loads a model from a folder of these files, of which `model.onnx` is the model. */
async function load(
  files: Readonly<Record<string, Uint8Array>>,
  links: Readonly<Record<string, string>> = {},
): Promise<StreamPlan> {
  const folder = await mkdtemp(join(tmpdir(), 'lstmd-onnx-'));
  try {
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, 'model', name)), { recursive: true });
      await writeFile(join(folder, 'model', name), bytes);
    }
    for (const [name, target] of Object.entries(links)) {
      await symlink(target, join(folder, 'model', name));
    }
    return await loadModel(join(folder, 'model', 'model.onnx'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function rejectsWith(
  files: Readonly<Record<string, Uint8Array>>,
  code: string,
  pattern: RegExp,
  links?: Readonly<Record<string, string>>,
): Promise<void> {
  return assert.rejects(load(files, links), (error) => {
    assert.ok(error instanceof LstmdError, String(error));
    assert.match(error.message, pattern);
    assert.equal(error.code, code);
    return true;
  });
}

const floats = (...numbers: number[]): Uint8Array =>
  new Uint8Array(Float32Array.from(numbers).buffer);

test('a small model is read', async () => {
  const plan = await load({ 'model.onnx': model() });
  assert.equal(plan.window, 8);
  assert.equal(plan.features, 3);
  assert.match(plan.origin, /ONNX opset 17 by a test, input \(time, batch, features\)/);
});

test('weights in a file beside the model are read, and are part of its hash', async () => {
  const place = { location: 'deep/w.data', offset: '4', length: '12', checksum: 'unread' };
  const bytes = model({ w: externalTensor('W', [1, 1, 3], place) });
  const one = await load({ 'model.onnx': bytes, 'deep/w.data': floats(9, 0.1, 0.2, 0.3) });
  const [op] = one.ops;
  assert.ok(op?.kind === 'simpleRnn');
  assert.deepEqual([...op.kernel], [...Float32Array.of(0.1, 0.2, 0.3)]);
  const other = await load({ 'model.onnx': bytes, 'deep/w.data': floats(8, 0.1, 0.2, 0.3) });
  assert.notEqual(one.sha256, other.sha256);
});

for (const location of [
  '/etc/passwd',
  '../w.data',
  'a/../../w.data',
  'a\\w.data',
  'c:w',
  '',
  'w\0',
]) {
  test(`weights in ${JSON.stringify(location)} are refused`, () =>
    rejectsWith(
      { 'model.onnx': model({ w: externalTensor('W', [1, 1, 3], { location }) }) },
      'model.refused',
      /tensor "W" lies in .* not a path within the model's folder/,
    ));
}

test('a link out of the folder is refused', () =>
  rejectsWith(
    { 'model.onnx': model({ w: externalTensor('W', [1, 1, 3], { location: 'w.data' }) }) },
    'model.refused',
    /a link that leads out/,
    { 'w.data': '/etc/hostname' },
  ));

/** A model whose W lies at a place in `w.data`. */
function at(place: Readonly<Record<string, string>>): Uint8Array {
  return model({ w: externalTensor('W', [1, 1, 3], { location: 'w.data', ...place }) });
}

test('a missing, short or wrongly measured file is named', async () => {
  await rejectsWith({ 'model.onnx': at({}) }, 'model.unreadable', /"w\.data", which is not beside/);
  const short = { 'model.onnx': at({}), 'w.data': floats(1, 2) };
  await rejectsWith(
    short,
    'model.malformed',
    /tensor "W" ends at byte 12 of "w\.data", which has 8/,
  );
  const pointer = Buffer.from(
    'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n',
  );
  await rejectsWith(
    { 'model.onnx': at({}), 'w.data': pointer },
    'model.malformed',
    /"w\.data", which is a Git LFS pointer .*"git lfs pull"/,
  );
  await rejectsWith(
    { 'model.onnx': floats(0.3, 0.1) },
    'model.malformed',
    /does not begin as an ONNX file does: .*\(\.data\), name the \.onnx file/,
  );
  const beyond = { 'model.onnx': at({ offset: '8' }), 'w.data': floats(1, 2, 3) };
  await rejectsWith(beyond, 'model.malformed', /ends at byte 20/);
  const length = { 'model.onnx': at({ length: '8' }), 'w.data': floats(1, 2, 3) };
  await rejectsWith(length, 'model.malformed', /takes 12 bytes, and 8 are set apart/);
  const offset = { 'model.onnx': at({ offset: '-4' }), 'w.data': floats(1, 2, 3) };
  await rejectsWith(offset, 'model.malformed', /offset="-4" is not a whole number/);
});

test('a tensor whose shape and elements contradict each other is named', async () => {
  const few = model({ w: tensor('W', [1, 1, 3], [1]) });
  await rejectsWith(
    { 'model.onnx': few },
    'model.malformed',
    /tensor "W" .* 3 elements, and holds 1/,
  );
  const large = model({ w: tensor('W', [2 ** 31, 2 ** 31], []) });
  await rejectsWith({ 'model.onnx': large }, 'model.malformed', /tensor "W" .* no more than/);
  const infinite = model({ w: tensor('W', [1, 1, 3], [1, Infinity, 0]) });
  await rejectsWith({ 'model.onnx': infinite }, 'model.malformed', /node "rnn" .* NaN or infinity/);
  const wrong = model({ r: tensor('R', [1, 1, 2], [1, 2]) });
  await rejectsWith(
    { 'model.onnx': wrong },
    'model.malformed',
    /node "rnn" \(RNN\): W .* do not fit/,
  );
});

test('a list of floats that ends within one is refused', async () => {
  const list = floats(0.1, 0.2, 0.3).subarray(0, 10);
  const w = new Written().int(1, 1).int(1, 1).int(1, 3).int(2, 1).bytes(4, list).bytes(8, 'W');
  await rejectsWith(
    { 'model.onnx': model({ w }) },
    'model.malformed',
    /has a list that ends within a number/,
  );
});

test('a file that is cut off at any byte is refused by one error', async () => {
  const bytes = model();
  for (let length = 4; length < bytes.length; length += 5) {
    await assert.rejects(
      load({ 'model.onnx': bytes.subarray(0, length) }),
      LstmdError,
      `${length}`,
    );
  }
});

test('graphs within graphs without an end are refused', async () => {
  let graph = new Written();
  for (let depth = 0; depth < 200; depth += 1) {
    graph = new Written().bytes(
      1,
      new Written().bytes(5, new Written().bytes(1, 'g').bytes(6, graph)),
    );
  }
  const bytes = new Written().int(1, 8).bytes(2, 'x').bytes(7, graph).content();
  await rejectsWith({ 'model.onnx': bytes }, 'model.malformed', /messages within messages/);
});

test('operators that are not known, other domains and old opsets are refused by name', async () => {
  const unknown = [node('RNN', ['x', 'W', 'R'], ['', 'h']), node('Einsum', ['h'], ['y'])];
  await rejectsWith(
    { 'model.onnx': model({ nodes: unknown }) },
    'model.refused',
    /node "einsum" \(Einsum\)/,
  );
  await rejectsWith({ 'model.onnx': model({ opset: 6 }) }, 'model.refused', /opset 6/);
  const dead = [node('Einsum', ['x'], ['z']), node('RNN', ['x', 'W', 'R'], ['', 'y'])];
  assert.equal((await load({ 'model.onnx': model({ nodes: dead }) })).layers.length, 1);
});

test('a node whose input nothing gives is named', () =>
  rejectsWith(
    { 'model.onnx': model({ nodes: [node('RNN', ['x', 'W', 'Q'], ['', 'y'])] }) },
    'model.malformed',
    /node "rnn" \(RNN\): it takes "Q", which no node gives/,
  ));

function named(text: string): Readonly<Record<string, Uint8Array>> {
  return { 'model.onnx': Buffer.from(text) };
}

test('what is called .onnx and is something else is said', async () => {
  await rejectsWith(
    named('version https://git-lfs.github.com/spec/v1\n'),
    'model.malformed',
    /Git LFS/,
  );
  await rejectsWith(named('<!DOCTYPE html><html>'), 'model.malformed', /web page/);
  await rejectsWith(named('\u0010\0\0\0\0\0\0\0{"w":{}}'), 'model.refused', /safetensors/);
  await rejectsWith(named('hello\n'), 'model.malformed', /does not begin as an ONNX file/);
  await rejectsWith(named('import torch\n'), 'model.refused', /Python code/);
});
