import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { projectFile } from '../support/project.js';

type Measured = { readonly name: string } & ({ readonly reason: string } | Record<string, number>);

interface Report {
  readonly results: readonly { readonly engine: string; readonly medianNs: number }[];
  readonly absent: readonly { readonly name: string; readonly reason: string }[];
  readonly processes: readonly Measured[];
}

test('npm run bench -- kernel measures the libraries that are installed, and names the others', () => {
  const args = [projectFile('build/bench/cli.js'), 'kernel', '--seconds', '0.1', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const { results, absent, processes } = JSON.parse(stdout) as Report;

  const engines = results.map(({ engine }) => engine);
  assert.match(engines[0] ?? '', /^native /);
  assert.equal(engines[1], 'reference float64');
  assert.ok(results.every(({ medianNs }) => medianNs > 0));
  assert.equal(engines.filter((engine) => /onnx|tfjs/.test(engine)).length + absent.length, 3);
  assert.ok(absent.every(({ reason }) => reason !== ''));

  assert.equal(processes.length, 6);
  for (const measured of processes) {
    const { name } = measured;
    if ('reason' in measured) {
      assert.ok(!['native', 'reference', '@tensorflow/tfjs'].includes(name), `${name} is here`);
      continue;
    }
    const { medianNs = 0, rssBeforeMiB = 0, rssMiB = 0, largestDifference = 1 } = measured;
    assert.ok(medianNs > 0 && rssBeforeMiB > 0 && rssMiB > 0, name);
    assert.ok(largestDifference < 1e-6, `${name}: ${largestDifference}`);
  }
});
