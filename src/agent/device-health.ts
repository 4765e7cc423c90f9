import type { Publisher } from '../publish/outbox/contract/publisher.js';
import type { Outbox } from '../publish/outbox/outbox.js';
import type { LiveStream } from './live-stream.js';

export interface HealthSources {
  /** Number of this process' life. */
  readonly boot: number;
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly streams: readonly LiveStream[];
}

/** The `health` of the device as JSON: the process, its records, its flash, and totals of its streams. */
export function deviceHealth({ boot, outbox, publisher, streams }: HealthSources): string {
  const { produced, delivered, pending, dropped, disk } = outbox.stats;
  const stateBytesPerDay = streams.reduce((sum, stream) => sum + stream.stateBytesPerDay, 0);
  const totals = { streams: streams.length, connected: 0, steps: 0, predictions: 0, events: 0 };
  for (const { health } of streams) {
    totals.connected += health.connected ? 1 : 0;
    totals.steps += health.steps.steps;
    totals.predictions += health.published.predictions;
    totals.events += health.published.events;
  }
  return JSON.stringify({
    ts: Date.now(),
    boot,
    uptimeSeconds: Math.round(process.uptime()),
    rssBytes: process.memoryUsage.rss(),
    records: { produced, delivered, pending, dropped },
    outbox: disk,
    flash: {
      outboxBytesPerDay: disk?.bytesPerDay ?? 0,
      stateBytesPerDay: Math.round(stateBytesPerDay),
    },
    broker: publisher.stats,
    totals,
  });
}

/**
 * The `health` of a stream as JSON: its sensor, its steps, its records and its state. It has a topic of its
 * own: a broker's bound on packets is soon reached by those of many streams together.
 */
export function streamHealth(boot: number, { health }: LiveStream): string {
  return JSON.stringify({ ts: Date.now(), boot, ...health });
}
