import assert from 'node:assert/strict';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';
import { needsCompiler, SetClock } from '../support/set-clock.js';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Longer than any machine stalls, shorter than any of the jumps. */
const slackMs = 10 * 60_000;
/** Between two checkpoints, and between two healths. */
const everyMs = 200;

interface Prediction {
  readonly ts: number;
  readonly seq: number;
  readonly p: { readonly running: number };
}

interface Health {
  readonly uptimeSeconds: number;
  readonly records: { readonly dropped: Readonly<Record<string, number>> };
  readonly broker: { readonly connects: number };
}

interface StreamHealth {
  readonly sensor: { readonly clock: { readonly steps: number } };
  readonly state: { readonly saves: number };
}

test(
  'keeps its rate and its state when the wall clock jumps',
  { skip: needsBroker() || needsCompiler(), timeout: 300_000 },
  async (t: TestContext) => {
    const folder = testFolder(t);
    const clock = new SetClock(folder);
    const setOff = (ms: number): void => clock.set(Date.now() + ms);
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/#');
    const pty = new TestPty(t);
    pty.port.plug();
    const config = writeConfig({
      folder,
      brokerUrl: broker.url,
      link: pty.path,
      state: `{ checkpointSeconds: ${everyMs / 1000}, onGap: { maxMs: ${slackMs}, then: reset } }`,
      healthSeconds: everyMs / 1000,
    });
    const daemon = new Daemon(t, config, clock.env);
    await daemon.logged(/^reading /);
    await daemon.logged(/connected to the broker/);
    pty.sendBanner();
    const rows: string[] = [];
    const stop = new AbortController();
    t.after(() => stop.abort());
    // A row every 10 ms, as a sensor sends them.
    const feeding = (async () => {
      while (!stop.signal.aborted) {
        rows.push(`${900 + (rows.length % 7)},${-(rows.length % 5)},25`);
        pty.port.write(Buffer.from(`${rows.at(-1)}\n`));
        await sleep(10);
      }
    })();

    const predictions = () => {
      const bySeq = new Map<number, Prediction>();
      for (const { payload } of subscriber.on('lstmd/box/wearer/prediction')) {
        const prediction = JSON.parse(payload) as Prediction;
        bySeq.set(prediction.seq, prediction);
      }
      return [...bySeq.values()].toSorted((a, b) => a.seq - b.seq);
    };
    const healths = () =>
      subscriber.on('lstmd/box/health').map(({ payload }) => JSON.parse(payload) as Health);
    const streamHealths = () =>
      subscriber
        .on('lstmd/box/wearer/health')
        .map(({ payload }) => JSON.parse(payload) as StreamHealth);
    const saves = () => streamHealths().at(-1)?.state.saves ?? 0;
    const uptimeSeconds = () => healths().at(-1)?.uptimeSeconds ?? 0;

    /** More health, more saves, more predictions; of the first two no flood. */
    const goesOn = async (): Promise<void> => {
      // A lost connection may cost one topic a message more than the other, so each is counted for itself.
      const before = { healths: healths().length, streamHealths: streamHealths().length };
      await subscriber.until(
        () => healths().length > before.healths && streamHealths().length > before.streamHealths,
      );
      const first = {
        healths: healths().length,
        saves: saves(),
        uptimeSeconds: uptimeSeconds(),
        predictions: predictions().length,
      };
      await subscriber.until(
        () =>
          healths().length > first.healths + 4 &&
          saves() > first.saves + 2 &&
          predictions().length > first.predictions + 20,
      );
      // By the daemon's own monotonic clock, in whole seconds. A timer of no time would make a hundred times as many.
      const seconds = 1 + uptimeSeconds() - first.uptimeSeconds;
      const flood = 10 + (2 * 1000 * seconds) / everyMs;
      assert.ok(healths().length - first.healths < flood);
      assert.ok(saves() - first.saves < flood);
    };

    await goesOn();
    const jumps = [hourMs, hourMs - 30 * dayMs];
    for (const offsetMs of jumps) {
      setOff(offsetMs);
      await goesOn();
    }
    // While there is no broker, records wait for an hour: by no wall clock.
    const from = daemon.lines.length;
    await broker.stop('SIGTERM');
    await daemon.logged(/no connection to the broker/, from);
    setOff(3 * hourMs - 30 * dayMs);
    // The second save that is seen began after the jump.
    const watcher = watch(join(folder, 'state/wearer'));
    await once(watcher, 'change');
    await once(watcher, 'change');
    watcher.close();
    await broker.start();
    await daemon.logged(/connected to the broker/, from);
    await goesOn();
    stop.abort();
    await feeding;
    await subscriber.until(() => predictions().length === rows.length);
    assert.equal(await daemon.end(), 0);

    const seen = predictions();
    assert.deepEqual(
      seen.map(({ seq }) => seq),
      rows.map((_, n) => n + 1),
    );
    assert.deepEqual(
      seen.map(({ p }) => p.running),
      await predictRows(rows),
    );
    const stepsMs = seen.map(({ ts }, n) => ts - (seen[n - 1]?.ts ?? ts));
    const large = stepsMs.filter((step) => Math.abs(step) > slackMs);
    assert.deepEqual(
      large.map((step) => Math.round(step / hourMs)),
      [1, -30 * 24, 2],
      'ts follows the clock, at once',
    );
    const small = stepsMs.filter((step) => Math.abs(step) <= slackMs);
    assert.ok(small.every((step) => step >= 0));
    const last = healths().at(-1);
    assert.equal(streamHealths().at(-1)?.sensor.clock.steps, 3);
    assert.deepEqual([...new Set(Object.values(last?.records.dropped ?? {}))], [0]);
    assert.equal(last?.broker.connects, 2);

    // A start whose clock is behind the state on flash knows all the same how old that is.
    setOff(-60 * dayMs);
    const again = new Daemon(t, config, clock.env);
    const resumed = await again.logged(/resumed after/);
    assert.equal(resumed['samples'], rows.length);
    assert.ok(Number(resumed['ageSeconds']) < slackMs / 1000);
    assert.equal(await again.end(), 0);
  },
);
