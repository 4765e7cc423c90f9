import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { Draw } from '../support/draw.js';
import { TestPty } from '../support/pty.js';
import { isLong } from './long-run.js';

const steps = isLong ? 300 : 12;

interface Prediction {
  readonly boot: number;
  readonly seq: number;
  readonly p: { readonly running: number };
}

interface Health {
  readonly boot: number;
  readonly records: Readonly<Record<'produced' | 'delivered' | 'pending', number>> & {
    readonly dropped: Readonly<Record<string, number>>;
  };
}

test(
  `accounts for every record over ${steps} faults of sensor, broker and power at once`,
  { skip: needsBroker(), timeout: 1_200_000 },
  async (t) => {
    const folder = testFolder(t);
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/#');
    const pty = new TestPty(t);
    const config = writeConfig({
      folder,
      brokerUrl: broker.url,
      link: pty.path,
      state: '{ checkpointSeconds: 0.05 }',
      healthSeconds: 0.5,
      outbox: '{ diskAfterSeconds: 0.1, historyPerSecond: 1000 }',
    });
    const stop = new AbortController();
    t.after(() => stop.abort());
    // A row every 2 ms, as a sensor sends them.
    const feeding = (async () => {
      for (let n = 0; !stop.signal.aborted; n += 1) {
        pty.port.write(Buffer.from(`${900 + (n % 7)},${-(n % 11)},25\n`));
        await sleep(2);
      }
    })();

    const draw = new Draw(4);
    let daemon = new Daemon(t, config);
    let isBrokerUp = true;
    const done = { kill: 0, broker: 0, plug: 0 };
    const judge = (): void => {
      assert.deepEqual(
        daemon.lines.filter(({ level }) => level === 'error' || level === 'text'),
        [],
      );
    };
    for (let step = 0; step < steps; step += 1) {
      const fault = draw.one(['kill', 'broker', 'plug'] as const);
      done[fault] += 1;
      if (fault === 'plug') {
        if (pty.port.plugged) {
          pty.port.unplug();
        } else {
          pty.port.plug();
        }
      } else if (fault === 'broker') {
        if (isBrokerUp) {
          await broker.stop('SIGTERM');
        } else {
          await broker.start();
        }
        isBrokerUp = !isBrokerUp;
      } else {
        assert.equal(await daemon.end('SIGKILL'), null, 'it had ended before');
        judge();
        daemon = new Daemon(t, config);
      }
      // The next fault comes at a random moment, which no event marks.
      await sleep(draw.whole(0, 500));
    }

    // All is well again: what waits is delivered, and then all that is new.
    if (!isBrokerUp) {
      await broker.start();
    }
    pty.port.plug();
    const { boot } = await daemon.logged(/^running/);
    const health = () =>
      subscriber
        .on('lstmd/box/health')
        .map(({ payload }) => JSON.parse(payload) as Health)
        .findLast((each) => each.boot === boot);
    const fresh = () => predictions().filter((each) => each.boot === boot).length;
    const predictions = () =>
      subscriber.received
        .filter(({ topic }) => /\/(prediction|history)$/.test(topic))
        .map(({ payload }) => JSON.parse(payload) as Prediction);
    await subscriber.until((received) => received.length > 0 && fresh() > 50);
    stop.abort();
    await feeding;
    await subscriber.until(() => health()?.records.pending === 0);
    assert.equal(await daemon.end(), 0);
    judge();
    await subscriber.until((received) =>
      received.some(
        ({ topic, payload }, n) =>
          topic === 'lstmd/box/status' && payload.includes('offline') && n > received.length - 10,
      ),
    );

    const outputs = new Map<string, number>();
    for (const { boot: from, seq, p } of predictions()) {
      const name = `${from}/${seq}`;
      const known = outputs.get(name);
      assert.ok(known === undefined || known === p.running, `${name} twice, and not the same`);
      outputs.set(name, p.running);
    }
    const records = health()?.records;
    assert.ok(records !== undefined);
    const { produced, delivered, pending, dropped } = records;
    const lost = Object.values(dropped).reduce((sum, each) => sum + each, 0);
    t.diagnostic(
      `${done.kill} kills, ${done.broker} of the broker, ${done.plug} of the plug; ` +
        `${produced} produced, ${delivered} delivered, ${lost} lost; ${outputs.size} received`,
    );
    assert.equal(produced, delivered + pending + lost);
    assert.ok(outputs.size >= delivered, 'more are called delivered than have come');
  },
);
