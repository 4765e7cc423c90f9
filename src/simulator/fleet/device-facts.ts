import { packageVersion } from '../../base/version.js';
import type { MqttStats } from '../../publish/mqtt/mqtt-publisher.js';
import type { OutboxStats } from '../../publish/outbox/outbox.js';
import type { PolicyStats } from '../../publish/prediction/policy.js';
import { eventRule } from './simulated-stream.js';

/** The facts of a simulated device that change. */
export interface DeviceFacts {
  readonly boot: number;
  readonly startedMs: number;
  readonly rateHz: number;
  readonly outbox: OutboxStats;
  readonly broker: MqttStats;
  readonly published: PolicyStats;
}

/** A device without a disk says so where its flash would stand. */
const noFlash = { outboxBytesPerDay: 0, stateBytesPerDay: 0 };

/** The device's `health`, with its real accounts. */
export function deviceHealth({ boot, startedMs, outbox, broker, published }: DeviceFacts): string {
  const { produced, delivered, pending, dropped } = outbox;
  const { outputs, predictions, events } = published;
  return JSON.stringify({
    ts: Date.now(),
    boot,
    uptimeSeconds: Math.round((Date.now() - startedMs) / 1000),
    rssBytes: null,
    clock: { confirmed: false, steps: 0, stepMs: null, steppedAt: null },
    records: { produced, delivered, pending, dropped },
    outbox: null,
    flash: noFlash,
    broker,
    totals: { streams: 1, connected: 1, steps: outputs, predictions, events },
  });
}

/** The stream's `health`: of a sensor that loses nothing. */
export function streamHealth({ boot, rateHz, published }: DeviceFacts): string {
  const { outputs } = published;
  return JSON.stringify({
    ts: Date.now(),
    boot,
    connected: true,
    samples: outputs,
    measuredHz: rateHz,
    timing: { source: 'arrival', driftPpm: 0, jitterMs: 0 },
    steps: { steps: outputs, gapResets: 0, exploded: 0, refused: 0 },
    published,
    sensor: {
      link: {
        opens: 1,
        hangUps: 0,
        silences: 0,
        openErrors: 0,
        bytes: 15 * outputs,
      },
      decoder: {
        bytes: 15 * outputs,
        rows: outputs,
        text: 0,
        partial: 0,
        tooLong: 0,
        fieldCount: 0,
        empty: 0,
        nonFinite: 0,
        notNumeric: 0,
        badChecksum: 0,
      },
      conditioner: { outOfRange: 0, nonFinite: 0 },
      clock: { gaps: 0, steps: 0, restarts: 0, lost: 0 },
      samples: { passed: outputs, filled: 0, nonFinite: 0 },
    },
    state: {
      saves: 0,
      failures: 0,
      failing: 0,
      bytesWritten: 0,
      bytesPerDay: null,
    },
  });
}

/** The stream's `info`: of the model of the demo, of which it says that it is simulated. */
export function streamInfo({ boot, startedMs, rateHz }: DeviceFacts): string {
  const { label, on, off } = eventRule;
  return JSON.stringify({
    ts: startedMs,
    boot,
    version: packageVersion(),
    engine: 'native',
    target: 'simulated',
    model: {
      file: 'running.keras',
      origin: 'lstmd simulate --fleet',
      sha256: '0'.repeat(64),
    },
    labels: [label],
    heads: [
      {
        name: label,
        task: 'classify',
        taskFrom: 'found: it ends in sigmoid at each step, (any, 1) of (any, 3)',
        labels: [label],
      },
    ],
    events: [
      {
        label,
        head: label,
        when: 'above',
        on,
        off,
        minMs: 0,
        origin: 'the configuration, publish.events[0]',
      },
    ],
    axes: ['x', 'y', 'z'],
    rateHz,
    weights: 'f32',
    mode: 'continuous',
    window: null,
    stride: 1,
    every: 1,
    format: 'json',
    warmupSamples: 1,
    state: { resumed: false, reason: 'fresh' },
  });
}
