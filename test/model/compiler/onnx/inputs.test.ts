import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { areInputAxes, type InputOptions } from '#src/model/plan/input-options.js';
import { loadModel } from '#src/model/load-model.js';
import { projectFile } from '../../../support/project.js';
import { model, node, tensor, valueInfo, withInts } from '../../files/onnx/onnx-writer.js';
import { loadBytes } from './load-bytes.js';
import { runCommand } from '../../../support/command.js';

const cases = projectFile('test/golden/onnx/cases');
const twoSensors = join(cases, 'inputs-two-sensors/model.onnx');
const withConstants = join(cases, 'inputs-constant/model.onnx');
const transformer = join(cases, 'inputs-axes/model.onnx');

function refuses(file: string, options: InputOptions, message: RegExp): Promise<void> {
  return assert.rejects(loadModel(file, options), { message });
}

test('several inputs are refused by their names, with what maps them', async () => {
  await refuses(twoSensors, {}, /inputs "acc" and "gyro": .*model\.inputs.*--feed acc=/);
  await refuses(withConstants, {}, /inputs "x" and "machine" and "ratings": .*--constant ratings=/);
});

test('features that do not fit an input are refused by its name', async () => {
  const gyro = [3, 4];
  await refuses(twoSensors, { inputs: { acc: [0, 1], gyro } }, /"acc" .* no axis of 2 features/);
  await refuses(twoSensors, { inputs: { acc: [0, 1, 2] } }, /"gyro" has no features; it takes 2/);
  const unknown = { acc: [0, 1, 2], gyro, wheel: [5] };
  await refuses(twoSensors, { inputs: unknown }, /"wheel" is no input .*: acc, gyro/);
});

test('numbers that do not fit a constant are refused by its name', async () => {
  const constants = { machine: [3], ratings: [0.5, -1] };
  const wrong = (given: Record<string, number[]>, message: RegExp) =>
    refuses(withConstants, { constants: { ...constants, ...given } }, message);
  await wrong({ ratings: [1, 2, 3] }, /"ratings" takes 2 numbers/);
  await wrong({ machine: [0.5] }, /"machine" takes whole numbers \(int64\), not 0.5/);
  await wrong({ machine: [7] }, /node ".*" \(Gather\): it picks index 7 of an axis of 5/);
  await wrong({ other: [1] }, /"other" is no input of the model/);
});

test('a constant that samples would have to bring is refused with the way out', () =>
  refuses(twoSensors, { constants: { gyro: [1, 2] } }, /constants: "gyro" takes 12 numbers/));

test('axes that nothing in the file tells are asked for, and checked', async () => {
  await refuses(transformer, {}, /nothing tells .*model\.axes: \[batch, time, features\]/);
  await refuses(transformer, { inputAxes: ['time', 'features'] }, /has 3 axes, not time, features/);
  const options = { inputAxes: ['batch', 'features', 'time'] } as const;
  assert.equal((await loadModel(transformer, options)).window, 4);
  for (const wrong of [[], ['batch'], ['time', 'time'], ['time', 'channels']]) {
    assert.equal(areInputAxes(wrong), false);
  }
});

test('a window of one feature needs no axis for it', async () => {
  const plan = await loadBytes(
    model({
      opset: 11,
      w: tensor('W', [1, 1, 1], [0.5]),
      r: tensor('R', [1, 1, 1], [0.25]),
      inputs: [valueInfo('x', [1, 7])],
      nodes: [
        withInts(node('Unsqueeze', ['x'], ['column']), 'axes', [2]),
        withInts(node('Transpose', ['column'], ['steps']), 'perm', [1, 0, 2]),
        node('RNN', ['steps', 'W', 'R'], ['', 'y']),
      ],
    }),
  );
  assert.equal(plan.window, 7);
  assert.equal(plan.features, 1);
});

test('a Keras file says its axes itself', () =>
  refuses(
    projectFile('examples/running/running.keras'),
    { inputAxes: ['batch', 'time', 'features'] },
    /axes: are of ONNX models/,
  ));

test('the flags of a command map inputs and say axes', async () => {
  const mapped = await runCommand([
    'inspect',
    twoSensors,
    '--feed',
    'acc=1,2,3',
    '--feed',
    'gyro=4,5',
  ]);
  assert.match(mapped.stdout, /acc +features 1, 2, 3\n +gyro +features 4, 5/);
  const said = await runCommand(['inspect', transformer, '--model-axes', 'batch,time,features']);
  assert.match(said.stdout, /axes: \[batch, time, features\]/);
  const keras = projectFile('test/golden/cases/two-inputs/model.keras');
  for (const [file, flag, value, words] of [
    [twoSensors, '--feed', 'wheel=1,2,3', /model\.onnx: --feed: "wheel" is no input/],
    [keras, '--feed', 'acc=1,2', /model\.keras: --feed: "acc" takes 3 features/],
    [keras, '--constant', 'site=1', /model\.keras: --constant: "site" is no input/],
    [keras, '--model-axes', 'batch,time,features', /--model-axes: are of ONNX models/],
  ] as const) {
    const { code, stderr } = await runCommand(['inspect', file, flag, value]);
    assert.match(stderr, words);
    assert.ok(code === 64 && !stderr.includes('because'), stderr);
  }
  const wrong = await runCommand(['inspect', transformer, '--model-axes', 'batch,channels']);
  assert.match(wrong.stderr, /not each once of batch, time, features, 1/);
});
