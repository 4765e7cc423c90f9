import { join } from 'node:path';
import type { Config } from './config-schema.js';
import type { Log } from '../base/log.js';
import { Accounts } from '../publish/outbox/accounts.js';
import { Backlog } from '../publish/outbox/spool/spool.js';
import { Outbox } from '../publish/outbox/outbox.js';
import { nodeFileSystem } from '../platform/file-system.js';

/** The outbox that a configuration describes; its disk part is in `<stateDirectory>/outbox`. */
export function createOutbox({ stateDirectory, mqtt }: Config, log: Log): Outbox {
  const { maxBytes, maxAgeSeconds, policy, memoryBytes } = mqtt.outbox;
  const { diskAfterSeconds, historyPerSecond, diskBytesPerDay } = mqtt.outbox;
  const accounts = new Accounts();
  const maxAgeMs = 1000 * maxAgeSeconds;
  const backlog = new Backlog({
    directory: join(stateDirectory, 'outbox'),
    fileSystem: nodeFileSystem,
    maxBytes,
    maxAgeMs,
    policy,
    bytesPerDay: diskBytesPerDay,
    accounts,
    log,
    monotonicMs: () => performance.now(),
    now: Date.now,
  });
  return new Outbox({
    maxBytes: memoryBytes,
    maxAgeMs,
    policy,
    accounts,
    disk: { backlog, afterMs: 1000 * diskAfterSeconds, historyPerSecond },
  });
}
