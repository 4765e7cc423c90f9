import { join } from 'node:path';
import type { Log } from '../base/log.js';
import { nodeFileSystem } from '../platform/file-system.js';
import type { MachineClock } from '../platform/machine-clock.js';
import { Accounts } from '../publish/outbox/contract/accounts.js';
import type { OutboxSection } from '../publish/outbox/contract/options.js';
import { Outbox } from '../publish/outbox/outbox.js';
import { Spool } from '../publish/outbox/spool/spool.js';

/**
 * The outbox that a section of the configuration describes.
 *
 * @param stateDirectory its part on disk is in the folder `outbox` there
 * @param onReady called when records can be taken that could not be before
 * @param onDrained called when no new record waits any more; see `Outbox.awaitDrain`
 */
export function createOutbox(
  section: OutboxSection,
  stateDirectory: string,
  clock: MachineClock,
  log: Log,
  onReady: () => void,
  onDrained: () => void,
): Outbox {
  const { maxBytes, maxAgeSeconds, policy, memoryBytes } = section;
  const { diskAfterSeconds, historyPerSecond, diskBytesPerDay } = section;
  const accounts = new Accounts();
  const maxAgeMs = 1000 * maxAgeSeconds;
  const spool = new Spool({
    directory: join(stateDirectory, 'outbox'),
    fileSystem: nodeFileSystem,
    maxBytes,
    maxAgeMs,
    policy,
    bytesPerDay: diskBytesPerDay,
    accounts,
    log,
    onReady,
    clock,
  });
  return new Outbox({
    maxBytes: memoryBytes,
    maxAgeMs,
    policy,
    accounts,
    monotonicMs: () => clock.bootMs(),
    now: () => clock.epochMs(),
    disk: { spool, afterMs: 1000 * diskAfterSeconds, historyPerSecond },
    onReady,
    onDrained,
  });
}
