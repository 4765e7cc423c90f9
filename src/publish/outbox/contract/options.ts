import { positive, z } from '../../../config/option-types.js';

const mebibyte = 1024 * 1024;

/** The `outbox` part of a publisher's section. */
export const outboxOptions = z
  .strictObject({
    maxBytes: z
      .int()
      .min(mebibyte)
      .default(128 * mebibyte)
      .describe('Bound of what waits on disk'),
    maxAgeSeconds: positive.default(86_400).describe('What waited longer is dropped'),
    policy: z
      .enum(['drop-oldest', 'keep-events'])
      .default('drop-oldest')
      .describe(
        'Over a bound in bytes: the oldest goes, or the oldest prediction before any event',
      ),
    memoryBytes: z
      .int()
      .min(64 * 1024)
      .default(8 * mebibyte)
      .describe('Bound of what waits in memory; over half of it all goes to disk'),
    diskAfterSeconds: positive
      .default(10)
      .describe('Once the oldest waited so long in memory all goes to disk: what a kill may cost'),
    historyPerSecond: positive
      .default(200)
      .describe('Records from disk delivered a second, and only while no new one waits'),
    diskBytesPerDay: z
      .int()
      .min(16 * mebibyte)
      .default(2048 * mebibyte)
      .describe("Budget of writes, for the flash's sake; beyond it records stay in memory"),
  })
  .prefault({})
  .describe('What waits for the broker: in memory, then on disk; what is dropped is counted');

export type OutboxSection = z.output<typeof outboxOptions>;
