import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { directionOf, type EventRule } from '#src/publish/prediction/event-rules.js';
import { EventState } from '#src/publish/prediction/event-state.js';

function stateOf(rule: Omit<EventRule, 'event'>): EventState {
  const own = { event: 'hot', ...rule };
  return new EventState({ rule: own, direction: directionOf(own), measure: () => 0, head: 'head' });
}

/** Returns what each number brings, 100 ms after the one before it: `3 on`, by its place in the list. */
function changes(state: EventState, ...values: number[]): string[] {
  return values.flatMap((value, n) => {
    const change = state.judge(value, 100 * n);
    return change === undefined ? [] : [`${n} ${change}`];
  });
}

describe('an event', () => {
  test('is on above its threshold, off at the other, and as it was between them', () => {
    const state = stateOf({ on: 80, off: 75 });
    assert.deepEqual(changes(state, 70, 79, 80, 76, 75, 79), ['0 off', '2 on', '4 off']);
  });

  test('is on below its threshold where `on` is below `off`, or where it says so', () => {
    const state = stateOf({ on: 20, off: 25 });
    assert.deepEqual(changes(state, 30, 21, 20, 24, 25, 21), ['0 off', '2 on', '4 off']);
    const same = stateOf({ on: 20, off: 20, when: 'below' });
    assert.deepEqual(changes(same, 19, 21), ['0 on', '1 off']);
  });

  test('counts a change once it has held for its least duration', () => {
    const state = stateOf({ on: 80, off: 75, minMs: 200 });
    const values = [90, 90, 70, 90, 90, 90, 70, 90, 70, 70, 70];
    assert.deepEqual(changes(state, ...values), ['0 off', '5 on', '10 off']);
  });

  test('begins its duration anew after a gap', () => {
    const state = stateOf({ on: 80, off: 75, minMs: 200 });
    state.judge(70, 0);
    state.judge(90, 100);
    state.interrupt();
    assert.equal(state.judge(90, 5000), undefined);
    assert.equal(state.judge(90, 5200), 'on');
  });

  test('begins its duration anew where the clock was set back', () => {
    const state = stateOf({ on: 80, off: 75, minMs: 200 });
    state.judge(70, 10_000);
    state.judge(90, 10_100);
    assert.equal(state.judge(90, 1000), undefined);
    assert.equal(state.judge(90, 1200), 'on');
  });
});
