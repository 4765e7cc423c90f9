import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon, testFolder } from '../support/daemon.js';
import { filled } from '../support/graph-writer.js';
import { inputLayer, kerasHdf5 } from '../support/model-writer.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';

/** A network that is linear and grows eightfold with each step: its state is reset again and again. */
function explodingModel(): Promise<Uint8Array> {
  const name = 'grows';
  const config = { name, units: 1, activation: 'linear', return_sequences: true, use_bias: false };
  const weights = [filled([3, 1], 1), filled([1, 1], 8)];
  const layers = [inputLayer(null), { class_name: 'SimpleRNN', config, weights }];
  return kerasHdf5({ kerasVersion: '3.1.0', layers });
}

test(
  'what a stream does again and again is logged at once, then counted',
  { timeout: 300_000 },
  async (t) => {
    const folder = testFolder(t);
    const exploding = join(folder, 'exploding.h5');
    writeFileSync(exploding, await explodingModel());
    const running = projectFile('examples/running/running.keras');
    const good = '100,-20,900\n';
    const sensors = {
      explodes: { file: exploding, send: [good], everyMs: 5, told: /exploded/ },
      gaps: { file: running, send: [good], everyMs: 150, told: /the state was reset/ },
      noise: {
        file: running,
        send: [good, '1,2\n', 'nan,1,2\n', '\xff\xfe,3\n'],
        everyMs: 5,
        told: /lost a row/,
      },
    };
    const sentCounts = new Map<string, number>();
    const streams = Object.entries(sensors).map(([name, { file, send, everyMs }]) => {
      const pty = new TestPty(t);
      pty.port.plug();
      let n = 0;
      const timer = setInterval(() => {
        pty.port.write(Buffer.from(send[n % send.length] ?? '', 'latin1'));
        n += 1;
        sentCounts.set(name, n);
      }, everyMs);
      t.after(() => clearInterval(timer));
      return `  ${name}:
    sensor: { link: ${pty.path}, rateHz: 200 }
    model: { file: ${file}, mode: continuous }
    state: { onGap: { maxMs: 100 } }
`;
    });
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `stateDirectory: ${folder}/state\nmqtt: { url: "mqtt://127.0.0.1:9" }\nstreams:\n${streams.join('')}`,
    );
    const daemon = new Daemon(t, config);
    for (const { told } of Object.values(sensors)) {
      await daemon.logged(told);
    }
    // Many more are sent, of each sensor as many however slow the machine is; of what the daemon makes
    // of them nothing can be awaited.
    const toldAt = new Map(sentCounts);
    while ([...sentCounts].some(([name, count]) => count < (toldAt.get(name) ?? 0) + 25)) {
      await sleep(100);
    }
    assert.equal(await daemon.end(), 0);
    for (const [name, { told }] of Object.entries(sensors)) {
      const lines = daemon.lines.filter((line) => line['stream'] === name && told.test(line.msg));
      assert.equal(lines.length, 2, `${name}: the first, and a count at the end`);
      assert.equal(lines[0]?.['times'], undefined);
      assert.ok(Number(lines[1]?.['times']) >= 5, `${name}: ${String(lines[1]?.['times'])} times`);
    }
  },
);
