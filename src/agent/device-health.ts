import type { Publisher } from '../publish/outbox/contract/publisher.js';
import type { Outbox } from '../publish/outbox/outbox.js';
import type { ClockHealth } from './clock-watch.js';
import type { LiveStream } from './live-stream.js';
import type { StreamTemplate } from './stream-template.js';

export interface HealthSources {
  /** Number of this process' life. */
  readonly boot: number;
  readonly clock: ClockHealth;
  readonly outbox: Outbox;
  readonly publisher: Publisher;
  readonly streams: readonly LiveStream[];
  readonly templates: readonly StreamTemplate[];
}

/** The `health` of the device as JSON: the process, its records, its flash, and totals of its streams. */
export function deviceHealth(sources: HealthSources): string {
  const { boot, clock, outbox, publisher, streams, templates } = sources;
  const { produced, delivered, pending, dropped, disk } = outbox.stats;
  const stateRates = streams.map((stream) => stream.stateBytesPerDay);
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
    rssBytes: residentBytes(),
    clock,
    records: { produced, delivered, pending, dropped },
    outbox: disk,
    flash: {
      outboxBytesPerDay: disk === null ? 0 : disk.bytesPerDay,
      stateBytesPerDay: sumOf(stateRates),
    },
    broker: publisher.stats,
    totals,
    ...(templates.length > 0 && {
      templates: Object.fromEntries(templates.map(({ name, health }) => [name, health])),
    }),
  });
}

/** Resident memory; null where no descriptor is free for the file in which the kernel tells it. */
function residentBytes(): number | null {
  try {
    return process.memoryUsage.rss();
  } catch {
    return null;
  }
}

/** The sum of rates; null where one is not known yet. */
function sumOf(rates: readonly (number | null)[]): number | null {
  return rates.reduce((sum, rate) => (sum === null || rate === null ? null : sum + rate), 0);
}

/**
 * The `health` of a stream as JSON: its sensor, its steps, its records and its state. It has a topic of its
 * own: a broker's bound on packets is soon reached by those of many streams together.
 */
export function streamHealth(boot: number, { health }: LiveStream): string {
  return JSON.stringify({ ts: Date.now(), boot, ...health });
}
