import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '../support/fake-clock.js';
import { useStateStore } from './stored-states.js';

describe('the age of a state', () => {
  const use = useStateStore();
  const { store, saved, loaded, sequenceIn } = use;

  test('does not resume a state that is too old, but counts on from it', async () => {
    await saved(1);
    use.clock.pass(600_000);
    assert.equal(await loaded(), 'resumed 1');
    use.clock.pass(1);
    assert.equal(await loaded(), 'tooOld');
    await saved(2);
    assert.equal(await sequenceIn('slot-b.state'), 2);
  });

  test('knows the age by the time since the boot, whatever became of the wall clock', async () => {
    use.clock = new FakeClock({ wallMs: 7000, right: false });
    await saved(1);
    use.clock.pass(2000);
    use.clock.wallMs = 1_763_880_000_000;
    const result = await store().load();
    assert.ok(result.reason === 'resumed');
    assert.equal(result.ageMs, 2000);
    use.clock.pass(600_000);
    use.clock.wallMs = 3000;
    assert.equal(await loaded(), 'tooOld');
  });

  for (const [what, wallMs, isRight, ageMs] of [
    ['set by a time server', 1_763_880_060_000, true, 60_000],
    ['that of the shutdown, for all that is known', 1_763_880_003_000, false, null],
    ['not set', 3000, false, null],
    ['right, and behind the one of the save', 1_763_000_000_000, true, null],
  ] as const) {
    test(`after another boot, with a use.clock that is ${what}, the age is ${ageMs}`, async () => {
      await saved(1);
      use.clock.boot(wallMs, isRight);
      const result = await store().load();
      assert.ok(result.reason === 'resumed');
      assert.equal(result.ageMs, ageMs);
    });
  }

  test('after another boot, does not know the age of what was saved by a use.clock that was not set', async () => {
    use.clock = new FakeClock({ wallMs: 7000, right: false });
    await saved(1);
    use.clock.boot(1_763_880_000_000, true);
    const result = await store().load();
    assert.ok(result.reason === 'resumed');
    assert.equal(result.ageMs, null);
  });

  test('keeps what was learnt with the state, as old as that is, and with those that follow', async () => {
    await saved(1);
    const writer = store();
    await writer.load();
    use.clock.pass(500_000);
    assert.equal(await writer.saveLearnt({ header: ['z', 'y', 'x'] }), true);
    await writer.close();
    use.clock.pass(100_000);
    const result = await store().load();
    assert.ok(result.reason === 'resumed');
    assert.equal(result.ageMs, 600_000);
    assert.deepEqual(result.learnt, { header: ['z', 'y', 'x'] });
    await saved(2, 3);
    use.clock.pass(700_000);
    assert.deepEqual(await store().load(), {
      reason: 'tooOld',
      saved: null,
      learnt: { header: ['z', 'y', 'x'] },
    });
    const { learnt } = await store({ modelSha256: 'c3'.repeat(32) }).load();
    assert.deepEqual(learnt, { header: ['z', 'y', 'x'] });
  });
});
