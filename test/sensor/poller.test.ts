import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Polling } from '#src/sensor/decoders/decoder.js';
import { Poller } from '#src/sensor/poller.js';

test('a sensor is asked once a period, and again when an answer does not come', async () => {
  const events: string[] = [];
  let isDone: (() => void) | undefined;
  const done = new Promise<void>((resolve) => {
    isDone = resolve;
  });
  let isWaiting = false;
  const polling: Polling = {
    timeoutMs: 5,
    get isWaiting() {
      return isWaiting;
    },
    request() {
      assert.ok(!isWaiting, 'one request at a time');
      isWaiting = true;
      return Uint8Array.of(1);
    },
    giveUp() {
      isWaiting = false;
    },
  };
  const poller = new Poller(
    polling,
    2,
    () => {
      events.push('ask');
      // Every third request is not answered.
      isWaiting = events.length % 3 === 0;
      if (events.length >= 8) {
        poller.stop();
        isDone?.();
      }
    },
    () => {
      events.push('give up');
      isWaiting = false;
    },
  );
  poller.start();
  await done;
  assert.deepEqual(events, ['ask', 'ask', 'ask', 'give up', 'ask', 'ask', 'give up', 'ask']);
});

describe('Poller', () => {
  test('asks no more once it is stopped', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let asked = 0;
    const polling: Polling = {
      timeoutMs: 5,
      isWaiting: false,
      request: () => Uint8Array.of(1),
      giveUp: () => undefined,
    };
    const poller = new Poller(polling, 2, () => (asked += 1), () => undefined); // prettier-ignore
    poller.start();
    poller.stop();
    t.mock.timers.tick(100);
    assert.equal(asked, 1);
  });
});
