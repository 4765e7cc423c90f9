import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';

const sent = ['25,-80,900', '31,40,1100', '-7,12,950'];
const inOrder = sent.map((row) => row.split(',').toReversed().join(','));

describe('a header row', { skip: needsBroker(), timeout: 300_000 }, () => {
  for (const delayMs of [0, 15, 30]) {
    test(`is read ${delayMs} ms after the opening, and known after a restart`, async (t) => {
      const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/wearer/prediction');
      const folder = testFolder(t);
      const pty = new TestPty(t);
      pty.port.plug();
      const config = writeConfig({
        folder,
        brokerUrl: broker.url,
        link: pty.path,
        state: '{ onGap: { then: keep } }',
      });
      const outputs = (): number[] =>
        subscriber.received.map(
          ({ payload }) => (JSON.parse(payload) as { p: { running: number } }).p.running,
        );

      const first = new Daemon(t, config);
      await first.logged(/^reading /);
      await sleep(delayMs);
      await pty.send(['z,y,x', ...sent.slice(0, 2)]);
      await subscriber.until(() => outputs().length === 2);
      assert.equal(await first.end(), 0);

      const second = new Daemon(t, config);
      await second.logged(/^reading /);
      // The rest of a row that the opening cut, long after it.
      await sleep(60);
      await pty.send(['68,-80,900', ...sent.slice(2)]);
      await subscriber.until(() => outputs().length === 3);
      assert.equal(await second.end(), 0);
      assert.deepEqual(outputs(), await predictRows(inOrder));
    });
  }
});
