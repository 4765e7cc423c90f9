import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeBatch } from '#src/publish/outbox/spool/log-entry.js';
import { emptyLedger, type Ledger } from '#src/publish/outbox/spool/ledger.js';
import { Draw } from '../../../support/draw.js';
import { isLong } from '../../../faults/long-run.js';
import { anyRecords, logTarget, readFrames } from '../../../fuzz/log-target.js';

const ledger: Ledger = { ...emptyLedger, sequence: 3, produced: 9, delivered: 9 };

describe('frames of the log', () => {
  test('are read as they were written, batch after batch', () => {
    const draw = new Draw(1);
    const batches = [3, 0, 200].map((count) => anyRecords(draw, count));
    const bytes = Buffer.concat(batches.map((records) => encodeBatch(records, ledger)));
    assert.equal(bytes.length % 4096, 0);
    const { records, ledgers } = readFrames(bytes);
    assert.deepEqual(records, batches.flat());
    assert.deepEqual(ledgers, [ledger, ledger, ledger]);
  });

  test('are read where one before them is damaged', () => {
    const records = anyRecords(new Draw(2), 20);
    const bytes = encodeBatch(records, ledger);
    // The length of the first.
    bytes[1] = 0xff;
    const found = readFrames(bytes);
    assert.deepEqual(found.records, records.slice(1));
    assert.deepEqual(found.ledgers, [ledger]);
  });

  test('give nothing that was not written, whatever became of the bytes', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < (isLong ? 20_000 : 800); seed += 1) {
      outcomes.add(logTarget.run(new Draw(seed)));
    }
    assert.deepEqual([...outcomes].toSorted(), ['damaged', 'forged', 'whole']);
  });

  test('are none in bytes that are nothing', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const draw = new Draw(seed);
      const bytes = Uint8Array.from({ length: draw.whole(0, 20_000) }, () => draw.whole(0, 255));
      assert.deepEqual(readFrames(bytes), { records: [], ledgers: [] });
    }
  });
});
