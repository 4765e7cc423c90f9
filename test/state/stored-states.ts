import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { decodeSlot } from '#src/state/slot-codec.js';
import { streamDirectory } from '#src/state/slot-pair.js';
import { StateStore, type StateStoreOptions } from '#src/state/state-store.js';
import { FakeClock } from '../support/fake-clock.js';
import { FaultyFileSystem } from '../support/faulty-file-system.js';
import { RecordedLog } from '../support/recorded-log.js';

export const model = 'a1'.repeat(32);

export const layout = 'b2'.repeat(32);

/** A folder of states for each test of a suite, with clocks that the test sets and a file system whose calls can fail. */
export function useStateStore() {
  let root: string;
  let directory: string;
  let clock: FakeClock;
  let monotonicMs: number;
  let log: RecordedLog;
  let fileSystem: FaultyFileSystem;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'lstmd-state-'));
    directory = streamDirectory(root, 'spindle');
    clock = new FakeClock();
    monotonicMs = 0;
    log = new RecordedLog();
    fileSystem = new FaultyFileSystem();
  });

  afterEach(() => rm(root, { recursive: true }));

  function store(changes: Partial<StateStoreOptions> = {}): StateStore {
    return new StateStore({
      stream: 'spindle',
      directory,
      modelSha256: model,
      layoutHash: layout,
      stateSize: 3,
      maxAgeSeconds: 600,
      log,
      fileSystem,
      clock,
      monotonicMs: () => monotonicMs,
      ...changes,
    });
  }

  async function saved(...values: number[]): Promise<void> {
    const writer = store();
    await writer.load();
    for (const value of values) {
      assert.equal(
        await writer.save(Float32Array.of(value, value, value), value, clock.wallMs),
        true,
      );
    }
    await writer.close();
  }

  async function loaded(changes: Partial<StateStoreOptions> = {}): Promise<string> {
    const reader = store(changes);
    const result = await reader.load();
    await reader.close();
    return result.saved === null ? result.reason : `resumed ${result.saved.state[0]}`;
  }

  async function sequenceIn(slot: string): Promise<number | string> {
    const content = decodeSlot(await readFile(join(directory, slot)));
    return content.kind === 'ok' ? content.saved.sequence : content.kind;
  }

  return {
    get root() {
      return root;
    },
    get directory() {
      return directory;
    },
    get clock() {
      return clock;
    },
    set clock(value) {
      clock = value;
    },
    get monotonicMs() {
      return monotonicMs;
    },
    get log() {
      return log;
    },
    get fileSystem() {
      return fileSystem;
    },
    set monotonicMs(value) {
      monotonicMs = value;
    },
    store,
    saved,
    loaded,
    sequenceIn,
  };
}
