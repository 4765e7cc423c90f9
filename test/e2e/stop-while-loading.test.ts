import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon, testFolder } from '../support/daemon.js';
import { inputLayer, kerasHdf5, lstmLayer, writeHdf5 } from '../support/model-writer.js';

/** A file that takes seconds to read, and is refused then: one dataset that inflates, under many names. */
async function slowModel(): Promise<Uint8Array> {
  return writeHdf5((file) => {
    file.create_group('model_weights');
    const data = new Float32Array(2 ** 18);
    const chunks = [64];
    const name = 'model_weights/0';
    file.create_dataset({ name, data, shape: [data.length], chunks, compression: 'gzip' });
    for (let n = 1; n < 200; n += 1) {
      file.create_hard_link(name, `model_weights/${n}`);
    }
  });
}

/** Resolves when a thread of the process beside the main one has used that much CPU time. */
async function threadHasWorked(pid: number, ticks: number): Promise<void> {
  const hasWorked = (thread: string): boolean => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
    return Number(thread) !== pid && Number(stat.split(' ')[13]) >= ticks;
  };
  while (!readdirSync(`/proc/${pid}/task`).some(hasWorked)) {
    await sleep(5);
  }
}

describe('SIGTERM while a model is read', () => {
  test('ends the reading, in exit 0', async (t) => {
    const folder = testFolder(t);
    writeFileSync(join(folder, 'slow.h5'), await slowModel());
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `device: box
stateDirectory: ${folder}/state
mqtt: { url: "mqtt://127.0.0.1:9" }
streams:
  wearer:
    sensor: { link: /dev/ttyNONE, rateHz: 26 }
    model: { file: slow.h5, mode: continuous }
`,
    );
    const daemon = new Daemon(t, config);
    await threadHasWorked(daemon.pid, 50);
    assert.equal(await daemon.end(), 0, daemon.text);
    await daemon.logged(/^stopped while a model was read/);
  });
});

/** A model of one LSTM whose weights take the kernel a while to lay out. */
async function largeModel(units: number): Promise<Uint8Array> {
  const weights = [[3, 4 * units], [units, 4 * units], [4 * units]].map((shape) => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.001),
  }));
  const lstm = { ...lstmLayer('lstm', 3, 1, { units }), weights };
  return kerasHdf5({ kerasVersion: '3.15.1', layers: [inputLayer(4), lstm] });
}

/** Resolves when the process has more resident memory than that, or has begun its log. */
async function hasGrown(daemon: Daemon, bytes: number): Promise<void> {
  const residentKiB = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]);
  while (daemon.lines.length === 0 && residentKiB() * 1024 < bytes) {
    assert.ok(!daemon.hasEnded, daemon.text);
    await sleep(2);
  }
}

describe('SIGTERM while a model is compiled and packed', () => {
  test('ends the process in exit 0, while the loop of events hears nothing', async (t) => {
    const folder = testFolder(t);
    const bytes = await largeModel(1760);
    writeFileSync(join(folder, 'large.h5'), bytes);
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      `device: box
stateDirectory: ${folder}/state
mqtt: { url: "mqtt://127.0.0.1:9" }
streams:
  wearer:
    sensor: { link: /dev/ttyNONE, rateHz: 26 }
    model: { file: large.h5, mode: continuous, weights: int8 }
`,
    );
    const daemon = new Daemon(t, config);
    // Its weights are in memory, and their rounding and packing, one piece of work, begins.
    await hasGrown(daemon, 65e6 + bytes.length);
    assert.equal(await daemon.end(), 0, daemon.text);
    // The line of the handler has no time: it was written before there was a signal.
    const told = daemon.lines.find(({ msg }) => msg === 'stopped while a model was read');
    assert.ok(told !== undefined && !('time' in told), daemon.text);
  });
});
