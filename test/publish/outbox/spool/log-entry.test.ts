import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { encodeBatch } from '#src/publish/outbox/spool/log-entry.js';
import { noSavedAccounts, type SavedAccounts } from '#src/publish/outbox/spool/saved-accounts.js';
import { Draw } from '../../../support/draw.js';
import { projectFile } from '../../../support/project.js';
import { isLong } from '../../../faults/long-run.js';
import { anyRecords, logTarget, readEntries } from '../../../fuzz/log-target.js';

const accounts: SavedAccounts = { ...noSavedAccounts, sequence: 3, produced: 9, delivered: 9 };

describe('entries of the log', () => {
  test('are read as they were written, batch after batch', () => {
    const draw = new Draw(1);
    const batches = [3, 0, 200].map((count) => anyRecords(draw, count));
    const bytes = Buffer.concat(batches.map((records) => encodeBatch(records, accounts)));
    assert.equal(bytes.length % 4096, 0);
    const found = readEntries(bytes);
    assert.deepEqual(found.records, batches.flat());
    assert.deepEqual(found.accounts, [accounts, accounts, accounts]);
  });

  test('are read where one before them is damaged', () => {
    const records = anyRecords(new Draw(2), 20);
    const bytes = encodeBatch(records, accounts);
    // This is in the length of the first.
    bytes[1] = 0xff;
    const found = readEntries(bytes);
    assert.deepEqual(found.records, records.slice(1));
    assert.deepEqual(found.accounts, [accounts]);
  });

  test('give nothing that was not written, whatever became of the bytes', () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < (isLong ? 20_000 : 800); seed += 1) {
      outcomes.add(logTarget.run(new Draw(seed)));
    }
    assert.deepEqual([...outcomes].toSorted(), ['damaged', 'forged', 'whole']);
  });

  test('are read as earlier versions wrote them, with a topic in place of the stream', () => {
    const found = ['event', 'prediction'].map((kind) => {
      const file = `test/publish/outbox/spool/topic-entries/${kind}-0000000001.log`;
      return readEntries(readFileSync(projectFile(file)));
    });
    const [events, predictions] = found.map(({ records }) => records);
    assert.deepEqual(events, [
      {
        position: 1,
        number: 4,
        time: { wallMs: 1_763_880_000_080, offsetMs: 0, boot: 0, isRight: true },
        qos: 1,
        stream: 'wearer',
        payload: '{"ts":1763880000120,"boot":4,"seq":3,"label":"läuft","state":"on","p":0.93}',
      },
    ]);
    assert.deepEqual(
      predictions?.map(({ position, number, qos, stream }) => [position, number, qos, stream]),
      [
        [1, 2, 1, 'wearer'],
        [2, 3, 1, 'wearer'],
        [3, 5, 1, 'wearer'],
        [4, 6, 2, 'spindle'],
        [5, 7, 1, 'wearer'],
      ],
    );
    assert.deepEqual(found[1]?.accounts.at(-1), {
      ...noSavedAccounts,
      sequence: 3,
      clean: 0,
      produced: 7,
      delivered: 1,
    });
  });

  test('are not found in bytes that nobody wrote', () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const draw = new Draw(seed);
      const bytes = Uint8Array.from({ length: draw.whole(0, 20_000) }, () => draw.whole(0, 255));
      assert.deepEqual(readEntries(bytes), { records: [], accounts: [] });
    }
  });
});
