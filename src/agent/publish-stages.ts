import type { Publisher } from '../publish/outbox/contract/publisher.js';
import type { Outbox } from '../publish/outbox/outbox.js';
import type { Stage } from './watchdog.js';

/** The stages of a record's way that the watchdog looks at: its delivery, and its writing to disk. */
export function publishStages(outbox: Outbox, publisher: Publisher): Stage[] {
  return [
    {
      name: 'broker',
      progress: () => {
        const { connects, refusals } = publisher.stats;
        return outbox.stats.delivered + connects + refusals;
      },
      waiting: () => !publisher.stats.connected || outbox.unsent === 0,
    },
    {
      name: 'outbox',
      progress: () => {
        const { writes, failures } = outbox.stats.disk ?? { writes: 0, failures: 0 };
        return writes + failures;
      },
      waiting: () => !outbox.isWriting,
    },
  ];
}
