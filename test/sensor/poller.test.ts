import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
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
    turnaroundMs: 0,
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

/** A sensor of 10 ms a period that does not answer by itself, and the times of what was done with it. */
function silentSensor(t: TestContext) {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const events: string[] = [];
  const polling = {
    timeoutMs: 30,
    turnaroundMs: 4,
    isWaiting: false,
    request: () => {
      polling.isWaiting = true;
      return Uint8Array.of(1);
    },
    giveUp: () => undefined,
  };
  const poller = new Poller(
    polling,
    10,
    () => events.push(`ask ${nowMs}`),
    () => {
      events.push(`give up ${nowMs}`);
      polling.isWaiting = false;
    },
  );
  const passUntil = (untilMs: number): void => {
    while (nowMs < untilMs) {
      nowMs += 1;
      t.mock.timers.tick(1);
    }
  };
  const answer = (): void => {
    polling.isWaiting = false;
    poller.heard(nowMs);
  };
  poller.start();
  return { events, poller, passUntil, answer };
}

describe('Poller', () => {
  test('asks no more once it is stopped', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let asked = 0;
    const polling: Polling = {
      timeoutMs: 5,
      turnaroundMs: 0,
      isWaiting: false,
      request: () => Uint8Array.of(1),
      giveUp: () => undefined,
    };
    const poller = new Poller(polling, 2, () => (asked += 1), () => undefined); // oxfmt-ignore
    poller.start();
    poller.stop();
    t.mock.timers.tick(100);
    assert.equal(asked, 1);
  });

  test('leaves the line silent for the turnaround time, and asks no sooner than is due', (t) => {
    const { events, poller, passUntil, answer } = silentSensor(t);
    passUntil(2);
    answer();
    passUntil(19);
    answer();
    passUntil(23);
    poller.stop();
    assert.deepEqual(events, ['ask 0', 'ask 10', 'ask 23']);
  });

  test('waits for a late answer where nothing came, and no longer once it is there', (t) => {
    const { events, poller, passUntil, answer } = silentSensor(t);
    passUntil(59);
    assert.deepEqual(events, ['ask 0', 'give up 30']);
    passUntil(60);
    assert.deepEqual(events.slice(2), ['ask 60']);
    passUntil(95);
    answer();
    passUntil(99);
    poller.stop();
    assert.deepEqual(events.slice(3), ['give up 90', 'ask 99']);
  });

  test('asks again at once where what came was no answer', (t) => {
    const { events, poller, passUntil } = silentSensor(t);
    passUntil(5);
    poller.heard(5);
    passUntil(30);
    poller.stop();
    assert.deepEqual(events, ['ask 0', 'give up 30', 'ask 30']);
  });
});
