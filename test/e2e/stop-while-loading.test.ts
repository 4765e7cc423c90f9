import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon, testFolder } from '../support/daemon.js';
import { writeHdf5 } from '../support/model-writer.js';

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
    sensor: { link: /dev/null, rateHz: 26 }
    model: { file: slow.h5, mode: continuous }
`,
    );
    const daemon = new Daemon(t, config);
    await threadHasWorked(daemon.pid, 50);
    assert.equal(await daemon.end(), 0, daemon.text);
    await daemon.logged(/^stopped while a model was read/);
  });
});
