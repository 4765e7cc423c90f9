import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { EmbeddedBroker } from '#src/commands/demo/embedded-broker.js';
import { Subscription } from '#src/publish/mqtt/subscription.js';
import { runCommand } from '../support/command.js';
import { environment } from '../support/daemon.js';
import { cli } from '../support/project.js';

async function bench(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runCommand(['bench', ...args, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('lstmd bench kernel', () => {
  test('measures every target, way and size', async () => {
    const report = (await bench('kernel', '--seconds', '0.01')) as unknown as {
      machine: { cpu: string; node: string; targets: string[] };
      results: Record<'model' | 'engine' | 'way', string>[];
    };
    const { targets } = report.machine;
    assert.equal(report.machine.node, process.version);
    assert.equal(targets.at(-1), 'scalar');
    const has = (model: string, engine: string, way: string): boolean =>
      report.results.some(
        (result) => result.model === model && result.engine === engine && result.way === way,
      );
    for (const target of targets) {
      for (const model of ['seed', 'lstm 16', 'lstm 128', 'lstm 512']) {
        assert.ok(has(model, `native ${target}`, 'single'), `${model} ${target}`);
        assert.ok(has(model, `native ${target}`, 'block'), `${model} ${target}`);
      }
      assert.ok(has('seed', `native ${target}`, 'sliding'), target);
    }
    assert.ok(has('seed', 'reference float64', 'sliding'));
    for (const result of report.results) {
      for (const key of ['medianNs', 'p99Ns', 'coldNs', 'ratio', 'rounds'] as const) {
        const value: unknown = (result as Record<string, unknown>)[key];
        assert.ok(typeof value === 'number' && value > 0, `${JSON.stringify(result)}: ${key}`);
      }
    }
  });
});

describe('lstmd bench decoders', () => {
  test('measures the bytes and rows a second of every decoder', async () => {
    const { results } = await bench('decoders', '--seconds', '0.01');
    const [csv] = results as Record<string, unknown>[];
    assert.equal(csv?.['decoder'], 'csv');
    for (const key of ['megabytesPerSecond', 'undisturbedMegabytesPerSecond', 'rowsPerSecond']) {
      assert.ok(Number(csv?.[key]) > 0, key);
    }
  });
});

describe('lstmd bench agent', () => {
  test('brings every sample through the agent and a broker, in both phases', async (t) => {
    const { url } = await startBroker(t);
    const options = ['--broker', url, '--protocol', '3.1.1', '--seconds', '0.2', '--rate-hz', '50'];
    const report = await bench('agent', ...options);
    assert.equal(report['broker'], url);
    const steady = report['steady'] as Record<string, number>;
    const closedLoop = report['closedLoop'] as Record<string, number>;
    assert.equal(steady['samples'], 10);
    assert.ok((closedLoop['samples'] ?? 0) > 0);
    for (const phase of [steady, closedLoop]) {
      for (const key of ['samplesPerSecond', 'p50Us', 'p99Us', 'cpuPercent', 'rssMiB']) {
        assert.ok(Number.isFinite(phase[key]), key);
      }
      assert.ok((phase['p99Us'] ?? 0) >= (phase['p50Us'] ?? Infinity));
    }
  });

  test('takes its agent with it when it is ended by a signal', async (t) => {
    const { url } = await startBroker(t);
    const args = ['bench', 'agent', '--broker', url, '--protocol', '3.1.1', '--seconds', '600'];
    let heard: (() => void) | undefined;
    const measuring = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const reader = await Subscription.open(url, 'lstmd/+/bench/prediction', () => heard?.());
    t.after(() => reader.close());
    const measurement = spawn(process.execPath, [cli, ...args], {
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    t.after(() => measurement.kill('SIGKILL'));
    const ended = once(measurement, 'exit');
    await Promise.race([measuring, ended]);
    const children = readFileSync(
      `/proc/${measurement.pid}/task/${measurement.pid}/children`,
      'latin1',
    );
    const agents = children.split(' ').filter((text) => text !== '');
    t.after(() => agents.filter(isRunning).forEach((pid) => process.kill(Number(pid), 'SIGKILL')));
    assert.equal(agents.length, 1);
    measurement.kill('SIGTERM');
    assert.deepEqual(await ended, [143, null]);
    assert.deepEqual(agents.filter(isRunning), []);
  });

  test('says so when there is no broker', async () => {
    const { code, stderr } = await runCommand(['bench', 'agent', '--broker', 'mqtt://127.0.0.1:1']);
    assert.equal(code, 69);
    assert.match(stderr, /no broker at mqtt:\/\/127\.0\.0\.1:1/);
  });
});

async function startBroker(t: TestContext): Promise<EmbeddedBroker> {
  const broker = await EmbeddedBroker.start(0);
  t.after(() => broker.stop());
  return broker;
}

function isRunning(pid: string): boolean {
  return existsSync(`/proc/${pid}`);
}
