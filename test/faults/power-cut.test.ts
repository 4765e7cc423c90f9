import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countBoot, type BootCounterOptions } from '#src/state/boot-counter.js';
import { FakeClock } from '../support/fake-clock.js';
import { StateStore } from '#src/state/state-store.js';
import { bootCount } from '../support/boot-count.js';
import { silentLog } from '../support/silent-log.js';
import { isLong } from './long-run.js';
import { CrashFileSystem, emptyDisk, type DiskImage } from './crash-file-system.js';

/** A state fills its slot's sectors with one value, which is also its sample count. */
interface Run {
  readonly sectors: number;
  readonly saves: number;
  readonly cuts: number;
}

/** The saves that a load may give: `floor` was acknowledged or loaded before, `inFlight` was being written. */
interface Expectation {
  readonly floor: number;
  readonly inFlight: number | undefined;
}

const nowMs = 1_763_880_000_000;
/** It is of a stream of this name of which nothing was learnt. */
const slotBytesWithoutState = 148 + 'pump'.length;

class Explorer {
  readonly #run: Run;
  readonly #stateSize: number;
  states = 0;
  /** States of which the one being written was found whole. */
  newest = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#stateSize = (512 * run.sectors - slotBytesWithoutState) / 4;
  }

  /** Cuts the power at every change of a start and its saves, and looks at every disk that is left. */
  async explore(image: DiskImage, floor: number, cuts: number): Promise<void> {
    for (let cutAt = 1; ; cutAt += 1) {
      const disk = new CrashFileSystem(image, cutAt);
      const expected = await this.#saveUntilCut(disk, floor, 100 * cuts);
      for (const left of disk.images()) {
        const found = await this.#check(left, expected);
        if (cuts < this.#run.cuts) {
          await this.explore(left, found, cuts + 1);
        }
      }
      if (!disk.isCut) {
        return;
      }
    }
  }

  async #saveUntilCut(
    disk: CrashFileSystem,
    floor: number,
    firstValue: number,
  ): Promise<Expectation> {
    const store = this.#store(disk);
    await store.load();
    let acknowledged = floor;
    for (let i = 1; i <= this.#run.saves; i += 1) {
      const value = firstValue + i;
      const state = new Float32Array(this.#stateSize).fill(value);
      if (!(await store.save(state, value, nowMs))) {
        return { floor: acknowledged, inFlight: value };
      }
      acknowledged = value;
    }
    return { floor: acknowledged, inFlight: undefined };
  }

  async #check(image: DiskImage, { floor, inFlight }: Expectation): Promise<number> {
    this.states += 1;
    const { saved } = await this.#store(new CrashFileSystem(image)).load();
    const value = saved?.sampleCount ?? 0;
    assert.ok(
      value === floor || value === inFlight,
      `state ${value} was loaded: ${floor} was acknowledged, ${inFlight ?? 'none'} being written`,
    );
    assert.ok(saved === null || saved.state.every((float) => float === value), 'a mixed state');
    if (value === inFlight) {
      this.newest += 1;
    }
    return value;
  }

  #store(fileSystem: CrashFileSystem): StateStore {
    return new StateStore({
      stream: 'pump',
      directory: '/state/pump',
      modelSha256: 'a1'.repeat(32),
      layoutHash: 'b2'.repeat(32),
      stateSize: this.#stateSize,
      maxAgeSeconds: 600,
      log: silentLog,
      fileSystem,
      clock: new FakeClock({ wallMs: nowMs }),
    });
  }
}

const runs: readonly (Run & { readonly atLeast: number })[] = [
  { sectors: 4, saves: 4, cuts: 1, atLeast: 300 },
  { sectors: 3, saves: 3, cuts: 2, atLeast: 10_000 },
  ...(isLong
    ? [
        { sectors: 8, saves: 4, cuts: 1, atLeast: 20_000 },
        { sectors: 4, saves: 4, cuts: 2, atLeast: 100_000 },
        { sectors: 2, saves: 2, cuts: 3, atLeast: 20_000 },
      ]
    : []),
];

/** The random part of a boot number would hide that a count came again. */
async function count(options: Pick<BootCounterOptions, 'fileSystem'>): Promise<number> {
  return bootCount(await countBoot('/state', { log: silentLog, ...options }));
}

describe('after a power cut', { timeout: 1_200_000 }, () => {
  for (const { atLeast, ...run } of runs) {
    test(`loads the state last acknowledged or the one being written: ${run.cuts} cut(s), ${run.saves} saves of ${run.sectors} sectors`, async (context) => {
      const explorer = new Explorer(run);
      await explorer.explore(emptyDisk, 0, 1);
      context.diagnostic(
        `${explorer.states} disks, ${explorer.newest} with the state being written on them`,
      );
      assert.ok(explorer.states >= atLeast, `only ${explorer.states} disks`);
      assert.ok(explorer.newest > 0 && explorer.newest < explorer.states);
    });
  }

  test('gives no boot number a second time', async (context) => {
    let disks = 0;
    let previous: DiskImage = emptyDisk;
    for (let boot = 1; boot <= 3; boot += 1) {
      const whole = new CrashFileSystem(previous);
      assert.equal(await count({ fileSystem: whole }), boot);
      for (let cutAt = 1; ; cutAt += 1) {
        const disk = new CrashFileSystem(previous, cutAt);
        await count({ fileSystem: disk });
        for (const left of disk.images()) {
          disks += 1;
          const fileSystem = new CrashFileSystem(left);
          const next = await count({ fileSystem });
          assert.ok(disk.isCut ? next >= boot : next > boot, `${next} after boot ${boot}`);
          assert.ok(next <= boot + 1, 'the counter was damaged');
        }
        if (!disk.isCut) {
          break;
        }
      }
      const [next] = [...whole.images()];
      assert.ok(next !== undefined);
      previous = next;
    }
    context.diagnostic(`${disks} disks`);
  });
});
