import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Watchdog, type Stage } from '#src/agent/watchdog.js';
import { silentLog } from '../support/silent-log.js';

class FakeStage implements Stage {
  readonly name = 'stepping';
  done = 0;
  idle = false;
  progress(): number {
    return this.done;
  }
  waiting(): boolean {
    return this.idle;
  }
}

function setUp() {
  const stage = new FakeStage();
  const clock = { ms: 0, fed: 0 };
  const watchdog = new Watchdog(
    [stage],
    10_000,
    () => (clock.fed += 1),
    silentLog,
    () => clock.ms,
  );
  return { stage, clock, watchdog };
}

test('feeds while the stage moves', () => {
  const { stage, clock, watchdog } = setUp();
  for (let tick = 0; tick < 5; tick += 1) {
    clock.ms += 10_000;
    stage.done += 1;
    watchdog.check();
  }
  assert.equal(clock.fed, 5);
});

test('stops feeding when a stage stands still, and feeds again when it moves', () => {
  const { stage, clock, watchdog } = setUp();
  clock.ms = 10_001;
  watchdog.check();
  assert.equal(clock.fed, 0);
  stage.done += 1;
  watchdog.check();
  assert.equal(clock.fed, 1);
});

test('feeds while a stage that does nothing rightly waits', () => {
  const { stage, clock, watchdog } = setUp();
  stage.idle = true;
  clock.ms = 60_000;
  watchdog.check();
  assert.equal(clock.fed, 1);
});
