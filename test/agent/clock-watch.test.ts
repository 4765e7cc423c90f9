import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockWatch } from '#src/agent/clock-watch.js';
import { FakeClock } from '../support/fake-clock.js';
import { RecordedLog } from '../support/recorded-log.js';

test('a clock that is set again and again is told of a few times a minute, and then counted', () => {
  const clock = new FakeClock();
  const log = new RecordedLog();
  let changes = 0;
  const watch = new ClockWatch(clock, () => (changes += 1), log);
  watch.start();
  for (let n = 0; n < 50; n += 1) {
    clock.pass(1000);
    clock.wallMs += n % 2 === 0 ? 5000 : -5000;
    watch.look();
  }
  watch.stop();
  assert.equal(changes, 50);
  assert.equal(watch.health.steps, 50);
  const told = log.lines.filter(({ level }) => level === 'warn');
  assert.equal(told.length, 7);
  assert.equal(told.at(-1)?.fields['times'], 44);
});
