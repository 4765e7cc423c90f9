import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchAxes } from '#src/commands/init/input-axes.js';

test('axes are matched to inputs by their names, else in order', () => {
  const inputs = [
    { name: 'gyro_in', features: [0, 1, 2] },
    { name: 'acc_in', features: [3, 4, 5] },
    { name: 'rest', features: [6] },
  ];
  const axes = ['ax', 'ay', 'az', 'temperature', 'gx', 'gy', 'gz'];
  assert.deepEqual(matchAxes(inputs, axes), {
    gyro_in: ['gx', 'gy', 'gz'],
    acc_in: ['ax', 'ay', 'az'],
    rest: ['temperature'],
  });
  assert.deepEqual(matchAxes(inputs.slice(0, 2), ['a', 'b', 'c', 'd', 'e', 'f']), {
    gyro_in: ['a', 'b', 'c'],
    acc_in: ['d', 'e', 'f'],
  });
});
