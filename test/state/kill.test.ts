import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StateStore } from '#src/state/state-store.js';
import { RecordedLog } from '../support/recorded-log.js';
import { isLong } from '../faults/long-run.js';

const floats = 20_000;
const rounds = isLong ? 200 : 6;

/** Runs the saving process, kills it after `saves` saves; returns the last that it called saved. */
async function saveUntilKilled(directory: string, saves: number): Promise<number> {
  const program = fileURLToPath(new URL('saving-process.js', import.meta.url));
  const child = spawn(process.execPath, [program, directory, String(floats)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let seen = 0;
  let last = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    seen += 1;
    if (seen === saves) {
      child.kill('SIGKILL');
    }
  }
  assert.deepEqual(await exit, [null, 'SIGKILL']);
  return last;
}

test(
  'loads a whole state, no older than the last one called saved, after each kill -9',
  { timeout: 600_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lstmd-kill-'));
    try {
      for (let round = 0; round < rounds; round += 1) {
        const acknowledged = await saveUntilKilled(directory, 5 + ((3 * round) % 18));
        const log = new RecordedLog();
        const store = new StateStore({
          stream: 'spindle',
          directory,
          modelSha256: '00'.repeat(32),
          layoutHash: '11'.repeat(32),
          stateSize: floats,
          maxAgeSeconds: 600,
          log,
        });
        const { saved } = await store.load();
        await store.close();
        assert.ok(saved !== null, JSON.stringify(log.lines));
        assert.ok(saved.sampleCount >= acknowledged, `${saved.sampleCount} < ${acknowledged}`);
        assert.ok(saved.state.every((value) => value === saved.sampleCount));
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  },
);
