import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';

const rows = Array.from({ length: 20 }, (_, n) => `${900 + (n % 7)},-80,25`);

/** A daemon that stepped the rows and ended, and what is needed to start the next one. */
async function firstLife(t: TestContext, state = '{}') {
  const folder = testFolder(t);
  const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/+/prediction');
  const pty = new TestPty(t);
  pty.port.plug();
  const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path, state });
  const daemon = new Daemon(t, config);
  await daemon.logged(/^reading /);
  pty.sendBanner();
  await pty.send(rows);
  await subscriber.until((received) => received.length >= rows.length);
  assert.equal(await daemon.end(), 0, daemon.text);
  return { folder, pty, config, subscriber };
}

interface Prediction {
  readonly ts: number;
  readonly warm: boolean;
  readonly gapMs?: number;
  readonly p: { readonly running: number };
}

describe('the saved state', { skip: needsBroker() }, () => {
  test('is not resumed by another stream of the same model, which says whose it is', async (t) => {
    const { folder, config } = await firstLife(t);
    renameSync(join(folder, 'state/wearer'), join(folder, 'state/other'));
    writeFileSync(config, readFileSync(config, 'utf8').replace('  wearer:', '  other:'));
    const daemon = new Daemon(t, config);
    const { why } = await daemon.logged(/kept aside/);
    assert.match(String(why), /the stream "wearer", not of "other".*lstmd state import/);
    assert.match((await daemon.logged(/starting afresh/)).msg, /otherStream/);
    await daemon.logged(/^running/);
    assert.equal(await daemon.end(), 0, daemon.text);
    const aside = readdirSync(join(folder, 'state/other'));
    assert.ok(
      aside.some((name) => name.includes('.other-')),
      aside.join(),
    );
  });

  for (const then of ['reset', 'keep'] as const) {
    test(`has a gap behind it when it is resumed, with onGap ${then}`, async (t) => {
      const { pty, config, subscriber } = await firstLife(
        t,
        `{ onGap: { maxMs: 1, then: ${then} } }`,
      );
      const daemon = new Daemon(t, config);
      await daemon.logged(/resumed after sample 20/);
      await daemon.logged(/^reading /);
      pty.sendBanner();
      await pty.send(rows);
      await subscriber.until((received) => received.length >= 2 * rows.length);
      assert.equal(await daemon.end(), 0, daemon.text);
      const predictions = subscriber.received.map(
        ({ payload }) => JSON.parse(payload) as Prediction,
      );
      const [last, first, next] = predictions.slice(rows.length - 1);
      assert.ok(last !== undefined && first !== undefined && next !== undefined);
      assert.ok(Math.abs((first.gapMs ?? 0) - (first.ts - last.ts)) <= 1, JSON.stringify(first));
      assert.equal(next.gapMs, undefined);
      const whole = await predictRows(then === 'keep' ? [...rows, ...rows] : rows);
      assert.deepEqual(
        predictions.slice(rows.length).map(({ p }) => p.running),
        whole.slice(-rows.length),
      );
      assert.equal(first.warm, predictions[then === 'keep' ? rows.length - 1 : 0]?.warm);
      assert.equal(
        daemon.lines.filter(({ msg }) => msg.startsWith('the state was reset')).length,
        then === 'keep' ? 0 : 1,
      );
    });
  }
});
