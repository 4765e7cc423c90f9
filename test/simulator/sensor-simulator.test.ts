import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SerialLink } from '#src/sensor/links/serial/serial-link.js';
import { MotionSource } from '#src/simulator/motion-source.js';
import type { SampleSource } from '#src/simulator/sample-source.js';
import { type RowPort, SensorSimulator } from '#src/simulator/sensor-simulator.js';
import { TestPty } from '../support/pty.js';
import { RecordedLinkSink } from '../support/recorded-link-sink.js';

class Counting implements SampleSource {
  readonly axes = 2;
  readonly label = 'counting';
  #n = 0;
  readonly rows: number;

  constructor(rows: number) {
    this.rows = rows;
  }
  next(out: Float32Array): boolean {
    if (this.#n === this.rows) {
      return false;
    }
    out[0] = this.#n;
    this.#n += 1;
    out[1] = -this.#n / 10;
    return true;
  }
}

class TextPort implements RowPort {
  text = '';
  write(chunk: Uint8Array): boolean {
    this.text += Buffer.from(chunk).toString();
    return true;
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
}

describe('SensorSimulator', { timeout: 300_000 }, () => {
  test('sends every row as CSV and ends with its source', async () => {
    const port = new TextPort();
    const simulator = new SensorSimulator({ source: new Counting(3), port, rateHz: 1000 });
    simulator.start();
    await simulator.ended;
    assert.equal(port.text, '0,-0.100000001\r\n1,-0.200000003\r\n2,-0.300000012\r\n');
    assert.equal(simulator.sent, 3);
    assert.equal(simulator.label, 'counting');
  });

  test('never sends a row before it is due', async () => {
    const port = new TextPort();
    const startMs = performance.now();
    const options = { source: new Counting(21), port, rateHz: 10, speed: 10 };
    const simulator = new SensorSimulator(options);
    simulator.start();
    await simulator.ended;
    assert.ok(performance.now() - startMs >= 200, '20 periods of 10 ms');
  });

  test('floods a pty at the pace of its reader without losing a row', async (t) => {
    const pty = new TestPty(t);
    const sink = new RecordedLinkSink();
    const link = new SerialLink({ path: pty.path, baudRate: 115200, rateHz: 26 });
    t.after(() => link.stop());
    pty.port.plug();
    link.start(sink);
    await pty.port.whenRead();
    const source = new Counting(50_000);
    const options = { source, port: pty.port, rateHz: 26, speed: Infinity };
    const simulator = new SensorSimulator(options);
    simulator.start();
    await sink.until(() => sink.text.includes('49999,'));
    await simulator.ended;
    const rows = sink.text.split('\r\n');
    for (let n = 0; n < 50_000; n += 1) {
      assert.ok(rows[n]?.startsWith(`${n},`));
    }
    assert.equal(pty.port.counters.dropped, 0);
  });

  test('stops at once, also while nobody takes what it floods', async () => {
    const stuck: RowPort = {
      write: () => false,
      drained: (signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve());
        }),
    };
    const source = new MotionSource({ seed: 1, rateHz: 26 });
    for (const speed of [1, Infinity]) {
      const simulator = new SensorSimulator({ source, port: stuck, rateHz: 26, speed });
      simulator.start();
      await new Promise(setImmediate);
      await Promise.all([simulator.stop(), simulator.stop()]);
      assert.equal(simulator.sent, 1);
    }
  });
});
