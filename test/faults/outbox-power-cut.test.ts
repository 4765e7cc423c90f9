import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { OutboxRecord } from '#src/publish/outbox/contract/record.js';
import { DiskOutbox } from '../support/disk-outbox.js';
import { isLong } from './long-run.js';
import { CrashFileSystem, emptyDisk, type DiskImage } from './crash-file-system.js';

/** The work of a process until it stops, or its disk loses power. */
interface Life {
  readonly batches: number;
  readonly recordsInBatch: number;
  /** Taken and delivered after each batch. */
  readonly delivered: number;
  readonly maxBytes: number;
  /** With more than one cut, each leaves one sector of garbage at most: there are too many disks else. */
  readonly cuts: number;
  /** Only cuts in this batch, from 0, and later: another life has those before it. */
  readonly fromBatch?: number;
}

/** The records of all lives up to a cut, by their names in the order of making. */
interface Known {
  readonly made: readonly string[];
  /** Said to be on disk: gone from memory without having been taken. */
  readonly durable: ReadonlySet<string>;
  readonly delivered: ReadonlySet<string>;
  /** Delivered, and the accounts were written after that. */
  readonly settled: ReadonlySet<string>;
  /** Given up for room. */
  readonly overflow: number;
}

const nothing: Known = {
  made: [],
  durable: new Set(),
  delivered: new Set(),
  settled: new Set(),
  overflow: 0,
};

const nameOf = ({ payload }: OutboxRecord): string => (JSON.parse(payload) as { id: string }).id;

function payloadOf(id: string): string {
  return `{"id":"${id}","filler":"${id.repeat(30)}"}`;
}

/** Sectors that a cut left with neither their old bytes nor their new ones. */
function garbageSectors(image: DiskImage): number {
  let sectors = 0;
  for (const bytes of image.files.values()) {
    for (let at = 0; at < bytes.length; at += 512) {
      if (bytes[at] === 0xa5) {
        sectors += 1;
      }
    }
  }
  return sectors;
}

class Explorer {
  readonly #life: Life;
  readonly #fromBatch: number;
  disks = 0;
  /** Disks on which a record was found that was not said to be there. */
  ahead = 0;
  #lives = 0;
  /** That of the life under way, or of the last one. */
  #batch = 0;

  constructor(life: Life) {
    this.#life = life;
    this.#fromBatch = life.fromBatch ?? 0;
  }

  async explore(image: DiskImage, known: Known, cut: number): Promise<void> {
    const seen = new Set<string>();
    for (let cutAt = 1; ; cutAt += 1) {
      const disk = new CrashFileSystem(image, cutAt);
      const after = await this.#live(disk, known);
      for (const left of this.#batch < this.#fromBatch ? [] : disk.images()) {
        if (this.#life.cuts > 1 && garbageSectors(left) > 1) {
          continue;
        }
        const found = `${await this.#check(left, after)} after ${after.durable.size}, ${after.settled.size}`;
        if (cut === this.#life.cuts || seen.has(found)) {
          continue;
        }
        // Disks that differ only in bytes that no reader makes out are alike: one is enough to go on from.
        seen.add(found);
        await this.explore(left, after, cut + 1);
      }
      if (!disk.isCut) {
        return;
      }
    }
  }

  /** A batch with an event in it, then some of the oldest delivered, and so on; then a stop. */
  async #live(disk: CrashFileSystem, known: Known): Promise<Known> {
    const { batches, recordsInBatch, delivered: deliveries, maxBytes } = this.#life;
    const made = [...known.made];
    const durable = new Set(known.durable);
    const delivered = new Set(known.delivered);
    const deliveredHere = new Set<string>();
    let settled = known.settled;
    const box = new DiskOutbox({ fileSystem: disk, maxBytes });
    const life = String.fromCodePoint(97 + (this.#lives % 26));
    this.#lives += 1;
    this.#batch = 0;
    await box.outbox.start();
    for (let batch = 0; batch < batches && !disk.isCut; batch += 1) {
      this.#batch = batch;
      const fresh: string[] = [];
      for (let i = 0; i < recordsInBatch; i += 1) {
        const id = `${life}${made.length}`;
        fresh.push(id);
        made.push(id);
        const kind = i === 1 ? 'event' : 'prediction';
        box.outbox.offer({ stream: 't', kind, payload: payloadOf(id), qos: 1 });
      }
      const atLeast = new Set([...known.settled, ...deliveredHere]);
      await box.spill();
      assert.equal(box.unaccounted, 0);
      if (disk.isCut) {
        break;
      }
      for (const id of fresh) {
        durable.add(id);
      }
      settled = atLeast;
      for (let i = 0; i < deliveries && !disk.isCut; i += 1) {
        const record = await box.take();
        if (record === undefined) {
          break;
        }
        box.outbox.delivered(record);
        deliveredHere.add(nameOf(record));
        delivered.add(nameOf(record));
      }
      assert.equal(box.unaccounted, 0);
    }
    if (!disk.isCut) {
      const atLeast = new Set([...known.settled, ...deliveredHere]);
      await box.outbox.stop();
      if (!disk.isCut) {
        settled = atLeast;
      }
    }
    return { made, durable, delivered, settled, overflow: box.outbox.stats.dropped.overflow };
  }

  /** Gives the content that a start finds on a disk, as text. */
  async #check(image: DiskImage, known: Known): Promise<string> {
    this.disks += 1;
    const box = new DiskOutbox({ fileSystem: new CrashFileSystem(image), maxBytes: 1e9 });
    await box.outbox.start();
    assert.equal(box.unaccounted, 0, 'the accounts do not add up');
    const { produced, dropped, pending } = box.outbox.stats;
    const found = await box.drain();
    const names = found.map(nameOf);
    const foundNames = new Set(names);
    assert.equal(foundNames.size, names.length, 'a record was found twice');
    assert.equal(names.length, pending, 'what is pending was not all there');
    for (const kind of ['event', 'prediction']) {
      const ofKind = found.filter((record) => record.kind === kind);
      const places = ofKind.map((record) => known.made.indexOf(nameOf(record)));
      assert.ok(!places.includes(-1), 'a record was found that was never made');
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
        'out of order',
      );
    }
    for (const record of found) {
      const id = nameOf(record);
      assert.equal(record.payload, payloadOf(id), 'another content');
      assert.deepEqual([record.stream, record.isHistory], ['t', true]);
      assert.ok(!known.settled.has(id), `${id} was delivered, and counted as such, and came again`);
    }
    const missing = [...known.durable].filter(
      (id) => !foundNames.has(id) && !known.delivered.has(id),
    );
    assert.ok(missing.length <= known.overflow, `${missing.join()} was on disk and is not`);
    assert.ok(produced <= known.made.length);
    const gone = dropped.lost + dropped.unconfirmed;
    assert.ok(gone <= known.made.length - known.durable.size, `${gone} lost`);
    if (names.some((id) => !known.durable.has(id))) {
      this.ahead += 1;
    }
    assert.equal(box.unaccounted, 0);
    assert.equal(box.outbox.pending, 0);
    return JSON.stringify([names, produced, dropped, [...image.files.keys()].toSorted()]);
  }
}

/** How many disks were looked at, and how many of them held more than was said to be there. */
type Explored = Pick<Explorer, 'disks' | 'ahead'>;

/**
 * Explores a life in a thread of its own, which runs this file: the test runner follows every
 * promise of the thread that the tests run in, and that costs two fifths of the whole here.
 *
 * @throws AssertionError of the first disk on which something is wrong
 */
async function exploreInThread(life: Life): Promise<Explored> {
  const worker = new Worker(new URL(import.meta.url), { workerData: life });
  const [explored] = (await once(worker, 'message')) as [Explored];
  return explored;
}

async function answerFromThread(): Promise<void> {
  const explorer = new Explorer(workerData as Life);
  await explorer.explore(emptyDisk, nothing, 1);
  const explored: Explored = { disks: explorer.disks, ahead: explorer.ahead };
  parentPort?.postMessage(explored, []);
}

const whole = { maxBytes: 1e9, cuts: 1 };
const inLittleRoom = { recordsInBatch: 3, delivered: 1, maxBytes: 32 * 512, cuts: 1 };
const lives: readonly (Life & { readonly atLeast: number })[] = [
  { ...whole, batches: 3, recordsInBatch: 3, delivered: 2, atLeast: 3000 },
  isLong
    ? { ...inLittleRoom, batches: 4, atLeast: 4000 }
    : { ...inLittleRoom, batches: 4, fromBatch: 2, atLeast: 1500 },
  { ...whole, batches: 1, recordsInBatch: 2, delivered: 1, cuts: 2, atLeast: 2500 },
  ...(isLong
    ? [
        { ...whole, batches: 8, recordsInBatch: 3, delivered: 2, atLeast: 10_000 },
        { ...inLittleRoom, batches: 10, atLeast: 10_000 },
        { ...whole, batches: 2, recordsInBatch: 2, delivered: 1, cuts: 2, atLeast: 10_000 },
      ]
    : []),
];

if (isMainThread) {
  describe('records on disk after a power cut', { timeout: 1_200_000 }, () => {
    for (const { atLeast, ...life } of lives) {
      const { batches, recordsInBatch, cuts, maxBytes } = life;
      const room = maxBytes === whole.maxBytes ? '' : `, room for ${maxBytes} bytes`;
      test(`are those said to be there, each once, in order, and the accounts add up: ${cuts} cut(s), ${batches} batches of ${recordsInBatch}${room}`, async (context) => {
        const { disks, ahead } = await exploreInThread(life);
        context.diagnostic(`${disks} disks, ${ahead} with more on them than was said`);
        assert.ok(disks >= atLeast, `only ${disks} disks`);
        assert.ok(ahead > 0 && ahead < disks);
      });
    }
  });
} else {
  await answerFromThread();
}
