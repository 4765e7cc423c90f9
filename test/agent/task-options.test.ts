import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configSchema } from '#src/agent/config-schema.js';
import { refuseWithoutEffect } from '#src/agent/task-options.js';
import { tasks, type Task } from '#src/model/plan/task.js';

function modelOf(options: object) {
  const config = configSchema.parse({
    mqtt: { url: 'mqtt://127.0.0.1' },
    streams: {
      one: {
        sensor: { link: '/dev/null', rateHz: 1 },
        model: { file: 'model.keras', mode: 'sliding', ...options },
      },
    },
  });
  const model = config.streams['one']?.model;
  assert.ok(model);
  return model;
}

const headOf = (name: string, task: Task) => ({ name, task, taskFrom: 'model.task' });

const options: Readonly<Record<string, readonly [object, readonly Task[]]>> = {
  scale: [{ scale: 2 }, ['regress', 'forecast']],
  offset: [{ offset: 1 }, ['regress', 'forecast']],
  valueUnits: [{ valueUnits: 'm' }, ['regress', 'forecast']],
  horizon: [{ horizon: 2 }, ['forecast']],
  lead: [{ lead: 2 }, ['forecast']],
  score: [{ score: { metric: 'mse' } }, ['reconstruct', 'forecast']],
  'score.over': [{ score: { over: 'last' } }, ['reconstruct']],
};

describe('an option of a task', () => {
  for (const [name, [given, effective]] of Object.entries(options)) {
    test(`is refused where the task has none: ${name}`, () => {
      for (const task of tasks) {
        const check = () => refuseWithoutEffect(modelOf(given), [headOf('out', task)]);
        if (effective.includes(task)) {
          check();
        } else {
          assert.throws(check, {
            code: 'config.invalid',
            message: new RegExp(
              `${name.replace('.over', '(.over)?')}: it has no effect with task ${task}`,
            ),
          });
        }
      }
    });
  }

  test('may be of the model where any head has it, and is refused of a head that has not', () => {
    const heads = [headOf('a', 'classify'), headOf('b', 'forecast')];
    refuseWithoutEffect(modelOf({ lead: 2 }), heads);
    assert.throws(() => refuseWithoutEffect(modelOf({ heads: { a: { lead: 2 } } }), heads), {
      message: /model\.heads\.a\.lead: .* classify \(model\.task\), only with forecast/,
    });
    assert.throws(() => refuseWithoutEffect(modelOf({ score: {} }), [headOf('a', 'classify')]), {
      message: /only with reconstruct, forecast/,
    });
  });
});
