import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { systemError } from '../support/faulty-file-system.js';
import { useStateStore } from './stored-states.js';

describe('a state store whose disk fails', () => {
  const use = useStateStore();
  const { store, saved, loaded, sequenceIn } = use;

  for (const code of ['ENOSPC', 'EIO', 'EROFS', 'EACCES']) {
    test(`survives ${code} at each of its calls, one after the other, and saves again`, async () => {
      await saved(1, 2);
      for (let nth = 1; ; nth += 1) {
        const writer = store();
        await writer.load();
        let calls = 0;
        use.fileSystem.fault = () => {
          calls += 1;
          if (calls === nth) {
            throw systemError(code);
          }
        };
        const ok = await writer.save(Float32Array.of(nth, nth, nth), nth, use.clock.wallMs);
        use.fileSystem.fault = () => {};
        const before = await loaded();
        assert.match(before, /^resumed/, `${code} at call ${nth}`);
        if (ok) {
          await writer.close();
          break;
        }
        assert.equal(
          await writer.save(Float32Array.of(100, nth, nth), nth, use.clock.wallMs),
          true,
        );
        await writer.close();
        assert.equal(await loaded(), 'resumed 100');
      }
      assert.ok(use.log.at('error').length > 3);
      assert.ok(use.log.at('info').includes('the state is saved again'));
    });
  }

  test('reports a failing disk once a minute, and counts every failure', async () => {
    const writer = store();
    await writer.load();
    use.fileSystem.fault = (call) => {
      if (call.startsWith('write')) {
        throw systemError('ENOSPC');
      }
    };
    for (let n = 0; n < 13; n += 1) {
      await writer.save(new Float32Array(3), n, use.clock.wallMs);
      use.monotonicMs += 10_000;
    }
    assert.equal(writer.stats.failures, 13);
    assert.deepEqual(
      use.log.lines.map((line) => [line.level, line.fields['code'], line.fields['failures']]),
      [
        ['error', 'ENOSPC', 1],
        ['error', 'ENOSPC', 7],
        ['error', 'ENOSPC', 13],
      ],
    );
    await writer.close();
  });

  test('does not write before it knows which slot is the newest', async () => {
    await saved(1, 2, 3);
    const writer = store();
    use.fileSystem.fault = (call) => {
      if (call.startsWith('read')) {
        throw systemError('EIO');
      }
    };
    assert.equal((await writer.load()).reason, 'unreadable');
    assert.equal(await writer.save(Float32Array.of(8, 8, 8), 8, use.clock.wallMs), false);
    use.fileSystem.fault = () => {};
    assert.equal(await writer.save(Float32Array.of(9, 9, 9), 9, use.clock.wallMs), true);
    await writer.close();
    assert.equal(await loaded(), 'resumed 9');
    assert.equal(await sequenceIn('slot-a.state'), 3);
  });

  test('does not write over a slot that it could not keep aside', async () => {
    await saved(1, 2);
    use.fileSystem.fault = (call) => {
      if (call.startsWith('rename')) {
        throw systemError('EROFS');
      }
    };
    const writer = store({ modelSha256: 'c3'.repeat(32) });
    assert.equal((await writer.load()).reason, 'otherModel');
    assert.equal(await writer.save(new Float32Array(3), 1, use.clock.wallMs), false);
    await writer.close();
    assert.equal(await loaded(), 'resumed 2');
  });

  test('makes its files again when the use.directory was removed under it', async () => {
    const writer = store();
    await writer.load();
    await writer.save(Float32Array.of(1, 1, 1), 1, use.clock.wallMs);
    await writer.save(Float32Array.of(2, 2, 2), 2, use.clock.wallMs);
    await rm(use.directory, { recursive: true });
    await writer.save(Float32Array.of(3, 3, 3), 3, use.clock.wallMs);
    await writer.close();
    assert.equal(await loaded(), 'resumed 3');
  });
});
