import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findTasks } from '#src/model/task/find-task.js';
import {
  denseLayer,
  inputLayer,
  kerasArchive,
  layer,
  loadBytes,
  lstmLayer,
  seedModel,
  type WrittenLayer,
  type WrittenModel,
} from '../../support/model-writer.js';

const vector = lstmLayer('lstm', 3, 5, { return_sequences: false });
const repeat = (n: number) => layer('RepeatVector', { name: 'repeat', n });
const sequence = (inputs: number, units: number) => lstmLayer('decoder', inputs, units);
const head = (inputs: number, units: number, activation: string) =>
  denseLayer('head', inputs, units, { activation });

const softmax = layer('Activation', { name: 'softmax', activation: 'softmax' });

async function loadWritten(model: WrittenModel) {
  return loadBytes(await kerasArchive(model));
}

/** The task of a model of windows of (4, 3), with a question mark where it is not sure. */
async function taskOf(...layers: WrittenLayer[]): Promise<string> {
  const plan = await loadWritten({ kerasVersion: '3.15.1', layers: [inputLayer(4), ...layers] });
  const [found] = findTasks(plan);
  return `${found?.task ?? ''}${found?.isSure === true ? '' : '?'}`;
}

/** The same, trained with a loss. */
async function taskWith(loss: string, ...layers: WrittenLayer[]): Promise<string> {
  const plan = await loadWritten({ kerasVersion: '3.15.1', layers: [inputLayer(4), ...layers] });
  const [found] = findTasks({ ...plan, losses: [loss] });
  return `${found?.task ?? ''}${found?.isSure === true ? '' : '?'}`;
}

describe('findTasks', () => {
  test('takes the loss of the training for evidence', async () => {
    const inOwnShape = [sequence(3, 5), head(5, 3, 'linear')];
    assert.equal(await taskOf(...inOwnShape), 'reconstruct?');
    assert.equal(await taskWith('mean_squared_error', ...inOwnShape), 'reconstruct');
    const ofGates = [sequence(3, 5), head(5, 3, 'sigmoid')];
    assert.equal(await taskWith('mean_absolute_error', ...ofGates), 'reconstruct');
    assert.equal(await taskWith('mean_squared_error', vector, head(5, 1, 'sigmoid')), 'classify?');
    assert.equal(await taskWith('binary_crossentropy', vector, head(5, 1, 'sigmoid')), 'classify');
    assert.equal(
      await taskWith('categorical_crossentropy', vector, head(5, 3, 'linear')),
      'regress?',
    );
    assert.equal(await taskWith('of_its_own', vector, head(5, 1, 'linear')), 'regress');
  });

  test('finds classes by softmax and sigmoid, of one step and of many', async () => {
    assert.equal(await taskOf(vector, head(5, 4, 'softmax')), 'classify');
    assert.equal(await taskOf(vector, head(5, 1, 'sigmoid')), 'classify');
    assert.equal(await taskOf(vector, head(5, 4, 'linear'), softmax), 'classify');
    assert.equal(await taskOf(sequence(3, 5), head(5, 2, 'softmax')), 'classify');
    assert.equal(await taskOf(sequence(3, 5), head(5, 2, 'sigmoid')), 'classify');
    const plan = await loadWritten(seedModel());
    assert.deepEqual(findTasks(plan), [
      { head: 'head', task: 'classify', isSure: true, reason: 'it ends in sigmoid, 1 unit' },
    ]);
  });

  test('finds values by a linear head, and says what else several may be', async () => {
    assert.equal(await taskOf(vector, head(5, 1, 'linear')), 'regress');
    assert.equal(await taskOf(vector, head(5, 2, 'linear')), 'regress?');
    assert.equal(await taskOf(vector, head(5, 3, 'linear')), 'regress?');
    assert.equal(await taskOf(vector, head(5, 1, 'tanh')), 'regress?');
    assert.equal(await taskOf(vector), 'regress?');
  });

  test("finds an autoencoder by its window's shape, whatever it ends in", async () => {
    for (const activation of ['linear', 'sigmoid']) {
      const decoder = [sequence(5, 5), head(5, 3, activation)];
      assert.equal(await taskOf(vector, repeat(4), ...decoder), 'reconstruct');
    }
    assert.equal(await taskOf(sequence(3, 5), head(5, 3, 'linear')), 'reconstruct?');
    assert.equal(await taskOf(sequence(3, 5), head(5, 3, 'sigmoid')), 'reconstruct?');
    assert.equal(await taskOf(vector, head(5, 12, 'linear')), 'reconstruct?');
  });

  test('finds a forecast by steps that are not those of the window', async () => {
    assert.equal(await taskOf(vector, repeat(2), sequence(5, 5), head(5, 3, 'linear')), 'forecast');
    assert.equal(await taskOf(vector, repeat(2), sequence(5, 5), head(5, 1, 'linear')), 'forecast');
  });
});
