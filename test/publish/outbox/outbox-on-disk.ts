import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';
import type { RecordKind } from '#src/publish/prediction/record.js';
import { DiskOutbox, type DiskOutboxOptions } from '../../support/disk-outbox.js';
import { FaultyFileSystem } from '../../support/faulty-file-system.js';
import { RecordedLog } from '../../support/recorded-log.js';

export const nameOf = ({ payload }: OutboxRecord): string =>
  (JSON.parse(payload) as { id: string }).id;

export const names = (count: number, prefix = 'r'): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** An outbox with a disk for each test of a suite: in a folder of its own, on a file system whose calls can fail. */
export function useOutboxOnDisk() {
  let directory: string;
  let fileSystem: FaultyFileSystem;
  let log: RecordedLog;
  let box: DiskOutbox;

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'lstmd-outbox-')), 'outbox');
    fileSystem = new FaultyFileSystem();
    log = new RecordedLog();
  });

  afterEach(() => {
    assert.equal(box.unaccounted, 0);
    rmSync(join(directory, '..'), { recursive: true });
  });

  /** A new process on the same directory. */
  async function start(options: Partial<DiskOutboxOptions> = {}): Promise<DiskOutbox> {
    box = new DiskOutbox({ fileSystem, directory, log, ...options });
    await box.outbox.start();
    return box;
  }

  function offer(ids: readonly string[], kind: RecordKind = 'prediction', filler = ''): void {
    for (const id of ids) {
      box.outbox.offer({ stream: 'b', kind, payload: JSON.stringify({ id, filler }), qos: 1 });
    }
  }

  /** The files of the log, without the page that is kept for its last accounts. */
  const files = (): string[] =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .sort();
  const bytesOnDisk = (): number =>
    files().reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  const writes = (): number => fileSystem.calls.filter((call) => /^write .*log$/.test(call)).length;

  return {
    get directory() {
      return directory;
    },
    get fileSystem() {
      return fileSystem;
    },
    get log() {
      return log;
    },
    get box() {
      return box;
    },
    set box(value) {
      box = value;
    },
    start,
    offer,
    files,
    bytesOnDisk,
    writes,
  };
}
