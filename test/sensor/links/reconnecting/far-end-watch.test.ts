import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FarEnd } from '#src/sensor/links/reconnecting/far-end.js';
import {
  FarEndWatch,
  type FarEndWatchOptions,
} from '#src/sensor/links/reconnecting/far-end-watch.js';

/** An open port whose bytes a test sends. */
class FakePort implements FarEnd {
  isGone = false;
  send: (chunk: Uint8Array, arrivalMs: number) => void = () => undefined;

  read(onBytes: (chunk: Uint8Array, arrivalMs: number) => void): Promise<void> {
    this.send = onBytes;
    return new Promise(() => undefined);
  }

  hungUp(): boolean {
    return this.isGone;
  }

  write(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function gonePort(): FakePort {
  const port = new FakePort();
  port.isGone = true;
  return port;
}

const hourMs = 3_600_000;
const options: FarEndWatchOptions = {
  firstRowMs: hourMs,
  silenceMs: hourMs,
  onBytes: () => true,
};

describe('FarEndWatch', { timeout: 300_000 }, () => {
  test('waits long for a first row and no longer than the silence limit after it', async () => {
    const port = new FakePort();
    const watch = new FarEndWatch(port, { ...options, silenceMs: 20 });
    port.send(Uint8Array.of(1), performance.now());
    assert.equal(await watch.ended, 'silent');
  });

  test('takes bytes that are no row for no life', async () => {
    const port = new FakePort();
    const watch = new FarEndWatch(port, {
      ...options,
      silenceMs: 5,
      firstRowMs: 50,
      onBytes: () => false,
    });
    const openedMs = performance.now();
    port.send(Uint8Array.of(1), openedMs);
    assert.equal(await watch.ended, 'silent');
    assert.ok(performance.now() - openedMs >= 50);
    assert.equal(watch.alive, false);
  });

  test('asks whether a port without a row has hung up long before it is given up', async () => {
    const watch = new FarEndWatch(gonePort(), { ...options, silenceMs: 5 });
    assert.equal(await watch.ended, 'hungUp');
  });

  test('asks whether a silent port has hung up', async () => {
    const watch = new FarEndWatch(gonePort(), { ...options, firstRowMs: 1 });
    assert.equal(await watch.ended, 'hungUp');
  });

  test('waits also for longer than a timer can', async (t) => {
    const warnings: string[] = [];
    const warned = ({ name }: Error): number => warnings.push(name);
    process.on('warning', warned);
    t.after(() => process.off('warning', warned));
    const monthMs = 30 * 24 * hourMs;
    const watch = new FarEndWatch(new FakePort(), {
      ...options,
      firstRowMs: 2 * monthMs,
      silenceMs: monthMs,
    });
    await setImmediate();
    watch.end('stopped');
    assert.equal(await watch.ended, 'stopped');
    assert.deepEqual(warnings, []);
  });

  test('ends with the first reason and passes nothing on after it', async () => {
    const port = new FakePort();
    let bytes = 0;
    const watch = new FarEndWatch(port, { ...options, onBytes: () => (bytes += 1) > 0 });
    watch.end('stopped');
    watch.end('hungUp');
    port.send(Uint8Array.of(1), performance.now());
    assert.equal(await watch.ended, 'stopped');
    assert.equal(bytes, 0);
  });
});
