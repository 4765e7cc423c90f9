import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runCommand } from '../support/command.js';
import { testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';

const model = projectFile('examples/running/running.keras');
const ofFixedWindow = projectFile('test/golden/cases/seed-flatten-keras/model.keras');

/** A configuration with a fault in nearly every line; the fault of a line stands behind it. */
const manyFaults: readonly (readonly [string, ...RegExp[]])[] = [
  ['device: box'],
  ['stateDirectory: ./a-file', /^stateDirectory: .*a-file is not a folder/],
  ['healthSecond: 5', /^healthSecond: .*did you mean "healthSeconds"/],
  ['mqtt:'],
  ['  url: "mqtts://127.0.0.1:9"'],
  ['  pasword: secret', /^mqtt\.pasword: .*"passwordFile"\? A password is never in/],
  ['  ca: none.pem', /^mqtt\.ca: .*none\.pem: no such file or directory$/],
  ['  keepaliveSeconds: fast', /^mqtt\.keepaliveSeconds: /],
  ['streams:'],
  ['  a:'],
  ['    sensor:'],
  ['      link: .', /^streams\.a\.sensor\.link: .* is a folder/],
  ['      rateHz: 26'],
  ['      axes: [x, y]', /^streams\.a\.sensor\.axes: the model takes 3 features a sample/],
  ['      columns: [1, 2, 3]', /^streams\.a\.sensor\.columns: must have one entry an axis/],
  ['    features:'],
  ['      min: 5', /^streams\.a\.features\.min: must not be above max/],
  ['      max: 1'],
  ['      scale: [1, 2, 3]', /^streams\.a\.features\.scale: must have one entry an axis/],
  ['    model:'],
  [`      file: ${model}`],
  ['      mode: continuous'],
  ['      stride: 4', /^streams\.a\.model\.stride: only means something in mode sliding/],
  ['      labels: [a, b, c]', /^streams\.a\.model\.labels: .*3 names for a model with 1 output/],
  ['      heads:'],
  [
    '        speed: { task: regress }',
    /^streams\.a\.model\.heads\.speed: .*no output of the model/,
  ],
  ['    publish:'],
  ['      events:'],
  ['        - { label: a, on: 0.2, off: 0.5 }', /^streams\.a\.publish\.events\[0\]: `off`/],
  ['        - { label: q, on: 0.9, off: 0.5 }', /^streams\.a\.publish\.events\[1\]\.label: "q"/],
  ['  b:'],
  ['    sensor: { link: /dev/ttyB, rateHz: fast }', /^streams\.b\.sensor\.rateHz: /],
  ['    model:'],
  [
    '      file: none.keras',
    /^streams\.b\.model\.file: [^ ]*none\.keras: no such file or directory$/,
  ],
  ['      mode: sldng', /^streams\.b\.model\.mode: must be one of/],
  ['      engine: natve', /^streams\.b\.model\.engine: must be one of/],
  ['  c:'],
  ['    sensor: { link: /dev/ttyC, rateHz: 26 }'],
  ['    model:'],
  [`      file: ${model}`],
  ['      mode: continuous'],
  ['      task: regress'],
  ['      scale: [1, 2]', /^streams\.c\.model\.scale: it has 2 entries for 1 output/],
  ['  d:'],
  ['    sensor: { link: /dev/ttyD, rateHz: 26 }'],
  ['    model:'],
  [`      file: ${model}`],
  ['      mode: continuous'],
  ['    publish:'],
  ['      events:'],
  ['        - { event: hot, on: 9, off: 5, feature: x }', /^streams\.d\.publish\.events\[0\]: /],
];

describe('a configuration with many faults', () => {
  test('is told all of them at once, each with its line and its option, in their order', async (t) => {
    const folder = testFolder(t);
    writeFileSync(join(folder, 'a-file'), '');
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(config, `${manyFaults.map(([line]) => line).join('\n')}\n`);
    const { code, stderr } = await runCommand(['run', '--check', '-c', config]);
    const told = stderr.split('\n').slice(1, -1);
    const expected = manyFaults.flatMap(([, ...faults], i) =>
      faults.map((fault) => ({ line: i + 1, fault })),
    );
    for (const [i, { line, fault }] of expected.entries()) {
      const [, number, text = ''] = /^ {2}line (\d+): (.*)$/.exec(told[i] ?? '') ?? [];
      assert.equal(Number(number), line, `${fault}\n${stderr}`);
      assert.match(text, fault);
    }
    assert.equal(told.length, expected.length, stderr);
    assert.equal(code, 78);
  });

  test('is not told what only follows from a fault', async (t) => {
    const folder = testFolder(t);
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `stateDirectory: ${folder}/state
mqtt: { url: 5, ca: none.pem, username: "" }
streams:
  a:
    sensor: { link: /dev/ttyA, rateHz: 26, axes: [x, y, z, z] }
    features: { mean: [1, 2, 3] }
    model: { file: ${model}, mode: slidng, stride: 5, labels: [run, run] }
    publish: { events: [{ label: walk, on: 0.9, off: 0.5 }] }
`,
    );
    const { stderr } = await runCommand(['run', '--check', '-c', config]);
    const options = stderr.split('\n').map((line) => /^ {2}line \d+: ([^:]+):/.exec(line)?.[1]);
    assert.deepEqual(
      options.filter((option) => option !== undefined),
      [
        'mqtt.url',
        'mqtt.username',
        'mqtt.ca',
        'streams.a.sensor.axes',
        'streams.a.model.mode',
        'streams.a.model.labels',
        'streams.a.publish.events[0].label',
      ],
      stderr,
    );
  });
});

/** Holds what `run`, `run --check` and `doctor` can all see, with the exit code of all three. */
const sameFaults: readonly {
  readonly what: string;
  readonly code: number;
  readonly names: RegExp;
  readonly edit: (text: string, folder: string) => string;
}[] = [
  {
    what: 'a state directory that is a file',
    code: 78,
    names: /state is not a folder/,
    edit: (text, folder) => {
      writeFileSync(join(folder, 'state'), '');
      return text;
    },
  },
  {
    what: 'a state directory below a file',
    code: 78,
    names: /a part of its path is no folder/,
    edit: (text, folder) => {
      writeFileSync(join(folder, 'file'), '');
      return text.replace(/stateDirectory: .*/, `stateDirectory: ${folder}/file/state`);
    },
  },
  {
    what: 'a state directory in which others may write',
    code: 78,
    names: /others may write in it/,
    edit: (text, folder) => {
      mkdirSync(join(folder, 'state'));
      chmodSync(join(folder, 'state'), 0o777);
      return text;
    },
  },
  {
    what: "a state directory in the kernel's own file systems",
    code: 78,
    names: /the kernel's own|permission denied/,
    edit: (text) => text.replace(/stateDirectory: .*/, 'stateDirectory: /proc/lstmd'),
  },
  {
    what: 'a link that is a folder',
    code: 78,
    names: /\/dev is a folder/,
    edit: (text) => text.replace('/dev/ttyA', '/dev'),
  },
  {
    what: 'a link that is a file',
    code: 78,
    names: /\/etc\/hostname is not a serial port/,
    edit: (text) => text.replace('/dev/ttyA', '/etc/hostname'),
  },
  {
    what: 'a link that is a device without a line',
    code: 78,
    names: /\/dev\/null is not a serial port/,
    edit: (text) => text.replace('/dev/ttyA', '/dev/null'),
  },
  {
    what: 'a model that is not there',
    code: 66,
    names: /none\.keras: no such file/,
    edit: (text) => text.replace(model, 'none.keras'),
  },
  {
    what: 'a model that is none',
    code: 65,
    names: /model\.file: .*not a model|model\.file: .*neither/i,
    edit: (text, folder) => {
      writeFileSync(join(folder, 'text.keras'), 'nothing of the kind');
      return text.replace(model, 'text.keras');
    },
  },
  {
    what: 'an authority that is not there',
    code: 66,
    names: /mqtt\.ca: .*: no such file/,
    edit: (text) => text.replace('"mqtt://a" }', '"mqtts://a", ca: none.pem }'),
  },
  {
    what: 'an authority that is no certificate',
    code: 78,
    names: /mqtt\.ca: .*holds no PEM certificate/,
    edit: (text, folder) => {
      writeFileSync(join(folder, 'ca.pem'), 'none');
      return text.replace('"mqtt://a" }', '"mqtts://a", ca: ca.pem }');
    },
  },
  {
    what: 'features that the model does not take',
    code: 78,
    names: /sensor\.axes: the model takes 3 features/,
    edit: (text) => text.replace('rateHz: 26', 'rateHz: 26, axes: [x, y]'),
  },
  {
    what: "a window that is not the model's",
    code: 65,
    names:
      /line 6: streams\.a\.model\.window: input ".*" takes windows of \d+ steps, .* window of 11/,
    edit: (text) =>
      text
        .replace(`file: ${model}`, `window: 11, file: ${ofFixedWindow}`)
        .replace('continuous', 'sliding'),
  },
  {
    what: 'an option that there is not',
    code: 78,
    names: /sensor\.baud: .*did you mean "baudRate"/,
    edit: (text) => text.replace('rateHz: 26', 'rateHz: 26, baud: 9600'),
  },
  {
    what: 'a self-test that is not there',
    code: 66,
    names: /model\.verify: .*: no such file or directory/,
    edit: (text) => text.replace('mode: continuous', 'mode: continuous, verify: case.json'),
  },
  {
    what: 'a token that is not there',
    code: 66,
    names: /monitoring\.tokenFile: .*: no such file or directory/,
    edit: (text) => `monitoring: { listen: "127.0.0.1:0", tokenFile: token }\n${text}`,
  },
  {
    what: 'a token that is empty',
    code: 78,
    names: /monitoring\.tokenFile: .*token is empty/,
    edit: (text, folder) => {
      writeFileSync(join(folder, 'token'), '\n');
      return `monitoring: { listen: "127.0.0.1:0", tokenFile: token }\n${text}`;
    },
  },
  {
    what: 'a time that no timer takes',
    code: 78,
    names: /state\.checkpointSeconds: .*2147483/,
    edit: (text) => `${text}    state: { checkpointSeconds: 3000000 }\n`,
  },
  {
    what: 'no YAML',
    code: 78,
    names: /line 1, column/,
    edit: (text) => `: : :\n${text}`,
  },
];

describe('the same fault ends with the same exit code', () => {
  for (const { what, code, names, edit } of sameFaults) {
    test(`in run, run --check and doctor: ${what}`, async (t) => {
      const folder = testFolder(t);
      const config = join(folder, 'lstmd.yaml');
      const text = `stateDirectory: ${folder}/state
mqtt: { url: "mqtt://a" }
streams:
  a:
    sensor: { link: /dev/ttyA, rateHz: 26 }
    model: { file: ${model}, mode: continuous }
`;
      writeFileSync(config, edit(text, folder));
      const ends = await Promise.all(
        [['run'], ['run', '--check'], ['doctor']].map((args) =>
          runCommand([...args, '-c', config]),
        ),
      );
      for (const { stdout, stderr } of ends) {
        assert.match(stdout + stderr, names);
      }
      assert.deepEqual(
        ends.map((end) => end.code),
        [code, code, code],
        ends.map(({ stdout, stderr }) => stdout + stderr).join('\n'),
      );
    });
  }
});
