import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WorkWatch } from '#src/model/files/hdf5/work-watch.js';

const limits = { cpuMs: 100, idleLooks: 3, lookMs: 0 };

describe('WorkWatch', () => {
  test('ends a thread that works and comes no further', () => {
    const watch = new WorkWatch(limits);
    assert.equal(watch.look(0, { cpuMs: 100, isAnyBusy: true }), 'going');
    assert.equal(watch.look(0, { cpuMs: 110, isAnyBusy: true }), 'looping');
  });

  test('lets a thread work that comes further, however much that is', () => {
    const watch = new WorkWatch(limits);
    for (let n = 1; n < 50; n += 1) {
      assert.equal(watch.look(n, { cpuMs: 90 * n, isAnyBusy: true }), 'going');
    }
  });

  test('never ends a thread that waits for a CPU or the disk', () => {
    const watch = new WorkWatch(limits);
    for (let n = 0; n < 1000; n += 1) {
      assert.equal(watch.look(1, { cpuMs: 40, isAnyBusy: true }), 'going');
    }
  });

  test('calls it stalled when nothing moves and all sleep, in looks that follow each other', () => {
    const watch = new WorkWatch(limits);
    const idle = { cpuMs: null, isAnyBusy: false };
    assert.deepEqual(
      [idle, idle, { ...idle, isAnyBusy: true }, idle, idle, idle].map((status) =>
        watch.look(0, status),
      ),
      ['going', 'going', 'going', 'going', 'going', 'stalled'],
    );
  });

  test('judges nothing of which nothing is known', () => {
    const watch = new WorkWatch({ ...limits, cpuMs: 0 });
    for (let n = 0; n < 10; n += 1) {
      assert.equal(watch.look(0, null), 'going');
    }
  });
});
