import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeBatch, FrameReader, type LoggedRecord } from '../../../src/publish/backlog/frame.js';
import { emptyLedger, type Ledger } from '../../../src/publish/backlog/ledger.js';
import { isLong } from '../../faults/long-run.js';
import { Draw } from '../../fakes/draw.js';

const ledger: Ledger = { ...emptyLedger, sequence: 7, produced: 12, delivered: 5, lost: 7 };

function recordsOf(draw: Draw, count: number): LoggedRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    number: n + 1,
    wallMs: 1_763_880_000_000 + draw.whole(0, 1e6),
    qos: draw.one([0, 1, 2] as const),
    topic: draw.one(['lstmd/box/wearer/prediction', 'p/é/event']),
    payload: `{"seq":${n},"p":"${'ü'.repeat(draw.whole(0, 300))}"}`,
  }));
}

function readAll(bytes: Uint8Array): { records: LoggedRecord[]; ledgers: Ledger[] } {
  const reader = new FrameReader(bytes);
  const records: LoggedRecord[] = [];
  const ledgers: Ledger[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    if (frame === 'record') records.push(reader.record);
    else ledgers.push(reader.ledger);
  }
  return { records, ledgers };
}

/** Damage as disks and cuts do it: bits, runs of bytes, an end cut off, a part that moved. */
function damaged(draw: Draw, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let times = draw.whole(1, 4); times > 0; times -= 1) {
    const at = draw.whole(0, copy.length - 1);
    const end = Math.min(copy.length, at + draw.whole(1, 600));
    switch (draw.whole(0, 4)) {
      case 0:
        copy[at] = (copy[at] ?? 0) ^ (1 << draw.whole(0, 7));
        break;
      case 1:
        copy.fill(draw.one([0, 0xff, 0xa5]), at, end);
        break;
      case 2:
        for (let i = at; i < end; i += 1) copy[i] = draw.whole(0, 255);
        break;
      case 3:
        copy.copyWithin(at, draw.whole(0, copy.length - 1), copy.length - 1);
        break;
      default:
        return copy.subarray(0, at);
    }
  }
  return copy;
}

describe('frames of the log', () => {
  it('are read as they were written, batch after batch', () => {
    const draw = new Draw(1);
    const batches = [3, 0, 200].map((count) => recordsOf(draw, count));
    const bytes = Buffer.concat(batches.map((records) => encodeBatch(records, ledger)));
    assert.equal(bytes.length % 4096, 0);
    const { records, ledgers } = readAll(bytes);
    assert.deepEqual(records, batches.flat());
    assert.deepEqual(ledgers, [ledger, ledger, ledger]);
  });

  it('are read where one before them is damaged', () => {
    const records = recordsOf(new Draw(2), 20);
    const bytes = encodeBatch(records, ledger);
    // The length of the first.
    bytes[1] = 0xff;
    const found = readAll(bytes);
    assert.deepEqual(found.records, records.slice(1));
    assert.deepEqual(found.ledgers, [ledger]);
  });

  it('give nothing that was not written, whatever became of the bytes', () => {
    let found = 0;
    let written = 0;
    for (let seed = 0; seed < (isLong ? 20_000 : 500); seed += 1) {
      const draw = new Draw(seed);
      const records = recordsOf(draw, draw.whole(0, 30));
      const whole = Buffer.concat([
        encodeBatch(records.slice(0, 10), ledger),
        encodeBatch(records.slice(10), ledger),
      ]);
      const read = readAll(damaged(draw, whole));
      for (const record of read.records) {
        assert.deepEqual(record, records[record.number - 1], `seed ${seed}`);
      }
      for (const other of read.ledgers) assert.deepEqual(other, ledger, `seed ${seed}`);
      found += read.records.length;
      written += records.length;
    }
    assert.ok(found > written / 3 && found < written, `${found} of ${written}`);
  });

  it('are none in bytes that are nothing', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const draw = new Draw(seed);
      const bytes = Uint8Array.from({ length: draw.whole(0, 20_000) }, () => draw.whole(0, 255));
      assert.deepEqual(readAll(bytes), { records: [], ledgers: [] });
    }
  });
});
