import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configText } from '#src/commands/init/config-text.js';
import { chooseLabels } from '#src/commands/init/label-choice.js';
import { Questions } from '#src/commands/init/questions.js';
import type { FoundTask } from '#src/model/task/find-task.js';

const silent = new Questions(true);
const activity = { head: 'activity', task: 'classify', size: 2 } as const;
const speed = { head: 'speed', task: 'regress', size: 1 } as const;
const again = { head: 'again', task: 'reconstruct', size: 3 } as const;

test('takes the labels of one head, and those of several by their names', async () => {
  const one = await chooseLabels(silent, ['walk,run'], [activity]);
  assert.deepEqual([...one], [['activity', ['walk', 'run']]]);
  const said = ['speed=kmh', 'activity=walk, run'];
  const several = await chooseLabels(silent, said, [activity, again, speed]);
  assert.deepEqual(Object.fromEntries(several), { activity: ['walk', 'run'], speed: ['kmh'] });
});

test('refuses labels that are too many, the same, of no head, or of outputs without names', async () => {
  const cases: readonly [string[], Parameters<typeof chooseLabels>[2], RegExp][] = [
    [['a,b,c'], [activity], /the model has 2 output\(s\), and 3 label\(s\) were given: a, b, c/],
    [['a,a'], [activity], /must be 2 different names/],
    [['speed=a,b'], [activity, speed], /head speed has 1 output\(s\), and 2/],
    [['walk,run'], [activity, speed], /several heads, say --labels HEAD=NAME,.* activity, speed/],
    [['a'], [again], /the outputs of this model have no names/],
  ];
  for (const [said, heads, told] of cases) {
    await assert.rejects(chooseLabels(silent, said, heads), { message: told });
  }
});

test('writes the labels of each head where they belong', () => {
  const tasks: FoundTask[] = [activity, speed].map(({ head, task }) => ({
    head,
    task,
    isSure: true,
    reason: '',
  }));
  const yaml = [
    'model:',
    '  file: "m.keras"',
    '  heads:',
    '    "activity":',
    '      task: classify',
    '      labels: [name1, name2]',
    '    "speed":',
    '      task: regress',
    '      labels: [name1]',
  ].join('\n');
  const text = configText({
    device: 'box',
    mqtt: {},
    stream: 's',
    sensor: {},
    resampleHz: undefined,
    inputs: undefined,
    recommendation: {
      trainedOn: '',
      mode: 'continuous',
      stride: 1,
      reason: '',
      multiplyAddsPerSample: 1,
      tasks,
      normalisation: null,
      inexact: [],
      yaml,
    },
    labels: new Map([
      ['speed', ['km/h']],
      ['activity', ['walk', 'run']],
    ]),
    modelUnits: undefined,
    sensorNotes: [],
    modelNotes: [],
  });
  assert.match(text, /"activity":\s+task: classify\s+labels: \["walk", "run"\]/);
  assert.match(text, /"speed":\s+task: regress\s+labels: \["km\/h"\]/);
});
