import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../support/broker.js';
import { runCli, testFolder } from '../support/daemon.js';

test('shows probabilities, saves the state, and resumes from it at the next start', async (t) => {
  const directory = join(testFolder(t), 'state');
  const port = String(await freePort());
  const args = ['demo', '--seconds', '1.5', '--port', port, '--state-directory', directory];

  const first = await runCli(args);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /continuous +native \(\w+\) +fresh start +subscribe: mqtt:/);
  assert.match(first.stdout, /sample \d+ .* running 0\.\d{3} +wearer /);
  const saved = /State saved after sample (\d+) in (.*); the next start resumes from it/.exec(
    first.stdout,
  );
  assert.ok(saved !== null && Number(saved[1]) > 0, first.stdout);
  assert.equal(saved[2], join(directory, 'wearer'));

  const second = await runCli(args);
  assert.equal(second.code, 0, second.stderr);
  assert.match(
    second.stdout,
    new RegExp(`resumed after sample ${saved[1]}, saved \\d+ seconds? ago`),
  );
});
