import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';

test(
  'another rate and other units are told of within a minute, once',
  { timeout: 300_000 },
  async (t) => {
    const folder = testFolder(t);
    const sensors = { fast: 104, slow: 6.5, right: 26, raw: 26 };
    const features = {
      fast: 'mean: [0, 0, 1], std: 0.5',
      slow: 'mean: [0, 0, 1], std: 0.5',
      right: 'mean: [0, 0, 1], std: 10',
      raw: 'mean: 0, std: 1, scale: 1000',
    };
    const streams = (['fast', 'slow', 'right', 'raw'] as const).map((name) => {
      const hz = sensors[name];
      const pty = new TestPty(t);
      pty.port.plug();
      const timer = setInterval(() => pty.port.write(Buffer.from('0.1,-0.3,9.79\n')), 1000 / hz);
      t.after(() => clearInterval(timer));
      return `  ${name}:
    sensor: { link: ${pty.path}, rateHz: 26 }
    features: { ${features[name]} }
    model: { file: ${projectFile('examples/running/running.keras')}, mode: continuous }
`;
    });
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `stateDirectory: ${folder}/state\nmqtt: { url: "mqtt://127.0.0.1:9" }\nstreams:\n${streams.join('')}`,
    );
    const daemon = new Daemon(t, config);
    const told = (name: string, pattern: RegExp) =>
      daemon.lines.filter((line) => line['stream'] === name && pattern.test(line.msg));
    const rate = /but sensor\.rateHz is 26/;
    const units = /axis z is 17\.58 on the average, where features\.mean.*units/;
    const size = /axis z is 9790 on the average, where the size of the weights of .*"lstm/;
    const wanted = () => [
      ...['fast', 'slow'].flatMap((name) => [told(name, rate)[0], told(name, units)[0]]),
      told('raw', size)[0],
    ];
    const began = performance.now();
    while (wanted().includes(undefined)) {
      assert.ok(performance.now() - began < 90_000, daemon.text);
      await daemon.nextLine();
    }
    assert.equal(await daemon.end(), 0);
    for (const name of ['fast', 'slow'] as const) {
      const [line, again] = told(name, rate);
      assert.equal(again, undefined);
      const measuredHz = Number(line?.['measuredHz']);
      // The test sends by a timer of its own, which is late where others use the machine.
      assert.ok(measuredHz > 0.5 * sensors[name] && measuredHz < 1.2 * sensors[name], line?.msg);
    }
    assert.deepEqual(told('right', units), []);
  },
);
