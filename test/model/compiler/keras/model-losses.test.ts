import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lossesOf } from '#src/model/compiler/keras/model-losses.js';

test('a loss has one name, however Keras writes it', () => {
  const names = ['a', 'b'];
  const named = { module: 'keras.losses', class_name: 'MeanSquaredError', config: {} };
  const ofFunction = { class_name: 'function', config: 'mae', registered_name: 'function' };
  assert.deepEqual(lossesOf('mse', names), ['mean_squared_error', 'mean_squared_error']);
  assert.deepEqual(lossesOf(named, ['a']), ['mean_squared_error']);
  assert.deepEqual(lossesOf(['categorical_crossentropy', ofFunction], names), [
    'categorical_crossentropy',
    'mean_absolute_error',
  ]);
  assert.deepEqual(lossesOf({ b: 'huber' }, names), [null, 'huber']);
  assert.deepEqual(lossesOf(['mse'], names), [null, null]);
  assert.deepEqual(lossesOf(undefined, names), [null, null]);
});
