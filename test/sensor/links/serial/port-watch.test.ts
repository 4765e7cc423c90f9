import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PortWatch, type PortWatchOptions } from '#src/sensor/links/serial/port-watch.js';
import type { OpenPort } from '#src/sensor/links/serial/serial-port.js';

/** An open port whose bytes a test sends. */
class FakePort implements OpenPort {
  readonly fd = -1;
  send: (chunk: Uint8Array, arrivalMs: number) => void = () => undefined;

  read(onBytes: (chunk: Uint8Array, arrivalMs: number) => void): Promise<void> {
    this.send = onBytes;
    return new Promise(() => undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const hourMs = 3_600_000;
const options: PortWatchOptions = {
  firstRowMs: hourMs,
  silenceMs: hourMs,
  hungUp: () => false,
  onBytes: () => true,
};

describe('PortWatch', { timeout: 30_000 }, () => {
  test('waits long for a first row and no longer than the silence limit after it', async () => {
    const port = new FakePort();
    const watch = new PortWatch(port, { ...options, silenceMs: 20 });
    port.send(Uint8Array.of(1), performance.now());
    assert.equal(await watch.ended, 'silent');
  });

  test('takes bytes that are no row for no life', async () => {
    const port = new FakePort();
    const watch = new PortWatch(port, {
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
    const watch = new PortWatch(new FakePort(), { ...options, silenceMs: 5, hungUp: () => true });
    assert.equal(await watch.ended, 'hungUp');
  });

  test('asks whether a silent port has hung up', async () => {
    const watch = new PortWatch(new FakePort(), { ...options, firstRowMs: 1, hungUp: () => true });
    assert.equal(await watch.ended, 'hungUp');
  });

  test('ends with the first reason and passes nothing on after it', async () => {
    const port = new FakePort();
    let bytes = 0;
    const watch = new PortWatch(port, { ...options, onBytes: () => (bytes += 1) > 0 });
    watch.end('stopped');
    watch.end('hungUp');
    port.send(Uint8Array.of(1), performance.now());
    assert.equal(await watch.ended, 'stopped');
    assert.equal(bytes, 0);
  });
});
