import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { nodeFileSystem } from '#src/platform/file-system.js';
import { Accounts } from '#src/publish/outbox/contract/accounts.js';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';
import { Outbox } from '#src/publish/outbox/outbox.js';
import { Spool } from '#src/publish/outbox/spool/spool.js';
import { FakeClock } from '../../support/fake-clock.js';
import { silentLog } from '../../support/silent-log.js';

const dayMs = 86_400_000;
const maxAgeMs = 3_600_000;
const rightMs = 1_763_880_000_000;

interface Box {
  readonly clock: FakeClock;
  /** Ends the process, and begins another. */
  restart(): Promise<void>;
  offer(): void;
  /** The next record, from memory or from disk. */
  take(): Promise<OutboxRecord>;
  outbox: Outbox;
}

function boxOf(t: TestContext, clock: FakeClock): Box {
  const directory = mkdtempSync(join(tmpdir(), 'lstmd-outbox-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const ready = new EventEmitter();
  const onReady = (): boolean => ready.emit('ready');
  const made = (): Outbox => {
    const accounts = new Accounts();
    const common = { policy: 'drop-oldest', maxAgeMs, accounts, onReady } as const;
    const spool = new Spool({
      ...common,
      directory,
      fileSystem: nodeFileSystem,
      maxBytes: 2 ** 25,
      bytesPerDay: 1e12,
      log: silentLog,
      clock,
    });
    return new Outbox({
      ...common,
      maxBytes: 2 ** 20,
      monotonicMs: () => clock.bootMs(),
      now: () => clock.epochMs(),
      disk: { spool, afterMs: 10_000, historyPerSecond: 1000 },
    });
  };
  const box: Box = {
    clock,
    outbox: made(),
    async restart() {
      await box.outbox.stop();
      box.outbox = made();
      await box.outbox.start();
    },
    offer() {
      const payload = `{"ts":${clock.wallMs},"boot":4,"seq":1}`;
      box.outbox.offer({ stream: 'wearer', kind: 'event', qos: 1, payload });
    },
    async take() {
      const record = box.outbox.take();
      if (record !== undefined) {
        return record;
      }
      await once(ready, 'ready');
      return box.outbox.take() ?? assert.fail();
    },
  };
  return box;
}

describe('records that wait while the clock is set', () => {
  for (const [where, isOnDisk] of [
    ['in memory', false],
    ['on disk', true],
  ] as const) {
    test(`have the right time: ${where}, also when they are sent again`, async (t) => {
      const clock = new FakeClock({ wallMs: 5000, right: false });
      const box = boxOf(t, clock);
      await box.outbox.start();
      box.offer();
      if (isOnDisk) {
        await box.restart();
      }
      const unset = await box.take();
      assert.equal(unset.payload, '{"ts":5000,"tsUncertain":true,"boot":4,"seq":1}');
      box.outbox.requeue();
      clock.pass(2000);
      clock.wallMs = rightMs;
      const { payload } = await box.take();
      assert.match(payload, new RegExp(`^\\{"ts":${rightMs - 2000},`));
      // What was read from disk keeps the mark: it had it there.
      assert.equal(payload.includes('tsUncertain'), isOnDisk);
      assert.equal(box.outbox.stats.pending, 1);
      await box.outbox.stop();
    });
  }

  test('have the right time and age when they are put on disk after it', async (t) => {
    const clock = new FakeClock({ wallMs: 5000, right: false });
    const box = boxOf(t, clock);
    await box.outbox.start();
    box.offer();
    clock.pass(2000);
    clock.wallMs = rightMs;
    clock.right = true;
    await box.restart();
    clock.boot(rightMs + 60_000, true);
    await box.restart();
    const record = await box.take();
    assert.equal(record.payload, `{"ts":${rightMs - 2000},"boot":4,"seq":1}`);
    assert.equal(box.outbox.timeLeftMs(record), maxAgeMs - 62_000);
    await box.outbox.stop();
  });

  test('are marked after another boot where their clock was not known to be right, and are new', async (t) => {
    const clock = new FakeClock({ wallMs: rightMs - 3 * dayMs, right: false });
    const box = boxOf(t, clock);
    await box.outbox.start();
    box.offer();
    await box.restart();
    clock.boot(rightMs, true);
    await box.restart();
    const record = await box.take();
    assert.equal(
      record.payload,
      `{"ts":${rightMs - 3 * dayMs},"tsUncertain":true,"boot":4,"seq":1}`,
    );
    assert.equal(box.outbox.timeLeftMs(record), maxAgeMs);
    await box.outbox.stop();
  });

  test('keep their age over a start in the same boot, wherever the clock went', async (t) => {
    const clock = new FakeClock({ wallMs: 5000, right: false });
    const box = boxOf(t, clock);
    await box.outbox.start();
    box.offer();
    await box.restart();
    clock.pass(1_800_000);
    clock.wallMs = rightMs;
    await box.restart();
    const record = await box.take();
    assert.equal(box.outbox.timeLeftMs(record), maxAgeMs - 1_800_000);
    assert.equal(record.payload, `{"ts":${rightMs - 1_800_000},"boot":4,"seq":1}`);
    await box.outbox.stop();
  });
});
