import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Distribution } from '#src/evaluation/distribution.js';
import { loadModel } from '#src/model/load-model.js';
import { MotionModel } from '#src/simulator/motion/motion.js';
import { Broker, freePort, needsBroker } from '../support/broker.js';
import { runCommand } from '../support/command.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { ask } from '../support/http.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';

const windowSeconds = 4;
const windowRows = 26 * windowSeconds;

/** Two windows of the same motion. */
function motion(): Float32Array[] {
  const model = new MotionModel({ seed: 3, rateHz: 26 });
  const window = Array.from({ length: windowRows }, () => {
    const row = new Float32Array(3);
    model.next(row);
    return row;
  });
  return [...window, ...window];
}

function figures(name: string, values: readonly number[]): object {
  const distribution = new Distribution();
  for (const value of values) {
    distribution.add(Math.fround(value));
  }
  return { name, ...distribution.figures() };
}

/** Reference statistics of rows in mg, as evaluate writes them. */
async function referenceOf(rows: readonly Float32Array[]): Promise<object> {
  const plan = await loadModel(projectFile('examples/running/running.keras'));
  return {
    format: 'lstmd.reference-statistics',
    version: 1,
    created: '2026-05-04T10:20:30.000Z',
    model: { sha256: plan.sha256 },
    features: ['x', 'y', 'z'].map((name, n) =>
      figures(
        name,
        rows.map((row) => 0.001 * (row[n] ?? 0)),
      ),
    ),
    // Of samples that come at once only some outputs are looked at, so they are not judged here.
    modes: { continuous: { outputs: [], entropy: [] } },
  };
}

test(
  'a stream that is no longer as in the reference says so, once it lasts',
  { skip: needsBroker(), timeout: 600_000 },
  async (t) => {
    let running: Daemon | undefined;
    t.after(() => running?.end('SIGKILL'));
    const folder = testFolder(t);
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/wearer/event');
    const pty = new TestPty(t);
    pty.port.plug();
    const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path });
    const rows = motion();
    const reference = await referenceOf(rows);
    const file = join(folder, 'reference.json');
    const port = await freePort();
    const drift = `drift: { reference: ${file}, windowSeconds: ${windowSeconds}, windows: 2 }`;
    const written = readFileSync(config, 'utf8').replace(
      'mode: continuous',
      `mode: continuous, ${drift}`,
    );
    writeFileSync(config, written);
    appendFileSync(config, `monitoring: { listen: "127.0.0.1:${port}" }\n`);

    // A reference of another model is refused by name.
    writeFileSync(file, JSON.stringify({ ...reference, model: { sha256: 'ab' } }));
    const refused = await runCommand(['run', '--check', '-c', config]);
    assert.equal(refused.code, 78, refused.stderr);
    assert.match(
      refused.stderr,
      /model\.drift\.reference: .* is of another model than running\.keras/,
    );

    writeFileSync(file, JSON.stringify(reference));
    const daemon = new Daemon(t, config);
    running = daemon;
    await daemon.logged(/^reading /);
    pty.sendBanner();
    const send = (scale: number): Promise<void> =>
      pty.send(rows.map((row) => row.map((reading) => scale * reading).join()));
    /** The metrics once so many samples were stepped. */
    const metrics = async (steps: number): Promise<string> => {
      for (;;) {
        const { body } = await ask(`http://127.0.0.1:${port}/metrics`);
        if (body.includes(`lstmd_steps_total{stream="wearer"} ${steps}\n`)) {
          return body;
        }
        await sleep(20);
      }
    };
    await send(1);
    const good = await metrics(rows.length);
    assert.match(
      good,
      /lstmd_drift_population_stability_index\{stream="wearer",kind="feature",name="x"\} /,
    );
    assert.equal(subscriber.received.length, 0, 'as in the reference');
    let steps = rows.length;
    let bad = '';
    // A window ends with a read, and how many rows a read has nobody knows.
    while (subscriber.received.length === 0 && steps < 20 * rows.length) {
      await send(5);
      steps += rows.length;
      bad = await metrics(steps);
    }
    await subscriber.until((received) => received.length === 1);
    const event = JSON.parse(subscriber.received[0]?.payload ?? '') as Record<string, unknown>;
    const { ts, boot, seq, value, of, ...rest } = event;
    assert.deepEqual(rest, { event: 'modelDrift', state: 'on', measure: 'stabilityIndex' });
    assert.match(String(of), /^feature [xyz]$/);
    assert.ok(
      [ts, boot, seq].every(Number.isInteger) && Number(value) > 0.25,
      JSON.stringify(event),
    );
    const ratio =
      /lstmd_drift_out_of_range_ratio\{stream="wearer",kind="feature",name="x"\} (\S+)/.exec(bad);
    assert.ok(Number(ratio?.[1]) > 0.05, bad);
    const line = await daemon.logged(/^the model drifts: feature/);
    assert.equal(line.level, 'warn');
    assert.equal(await daemon.end(), 0, daemon.text);
  },
);
