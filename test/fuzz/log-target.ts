import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import {
  encodeBatch,
  EntryReader,
  type LoggedRecord,
} from '#src/publish/outbox/spool/log-entry.js';
import { noSavedAccounts, type SavedAccounts } from '#src/publish/outbox/spool/saved-accounts.js';
import type { Draw } from '../support/draw.js';

const accounts: SavedAccounts = {
  ...noSavedAccounts,
  sequence: 7,
  produced: 12,
  delivered: 5,
  lost: 7,
};

export function anyRecords(draw: Draw, count: number): LoggedRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    position: 1000 + n,
    number: n + 1,
    time: {
      wallMs: 1_763_880_000_000 + draw.whole(0, 1e6),
      offsetMs: draw.whole(-1e6, 1e12) / 8,
      boot: draw.whole(0, 2 ** 32 - 1),
      isRight: draw.chance(0.5),
    },
    qos: draw.one([0, 1, 2] as const),
    stream: draw.one(['wearer', 'é']),
    payload: `{"seq":${n},"p":"${'ü'.repeat(draw.whole(0, 300))}"}`,
  }));
}

/** Everything in a file, in its order. */
export function readEntries(bytes: Uint8Array): {
  records: LoggedRecord[];
  accounts: SavedAccounts[];
} {
  const reader = new EntryReader(bytes);
  const records: LoggedRecord[] = [];
  const found: SavedAccounts[] = [];
  for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
    if (entry === 'record') {
      records.push(reader.record);
    } else {
      found.push(reader.accounts);
    }
  }
  return { records, accounts: found };
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
        for (let i = at; i < end; i += 1) {
          copy[i] = draw.whole(0, 255);
        }
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

/** An entry with a CRC that fits, and a body that nobody wrote. */
function forged(draw: Draw): Buffer {
  const body = Buffer.from(
    Uint8Array.from({ length: draw.whole(1, 120) }, () => draw.whole(0, 255)),
  );
  body[0] = draw.whole(0, 4);
  const entry = Buffer.alloc(8 + body.length);
  entry.writeUInt32LE(body.length, 0);
  entry.writeUInt32LE(crc32(body), 4);
  body.copy(entry, 8);
  return entry;
}

/** Files of waiting records that are damaged, or hold entries that no version wrote. */
export const logTarget = {
  name: 'log',
  run(draw: Draw): string {
    const records = anyRecords(draw, draw.whole(0, 30));
    const whole = Buffer.concat([
      encodeBatch(records.slice(0, 10), accounts),
      encodeBatch(records.slice(10), accounts),
    ]);
    if (draw.chance(0.2)) {
      const found = readEntries(Buffer.concat([forged(draw), whole, forged(draw)]));
      for (const { position, number, time } of found.records) {
        assert.ok(
          Number.isSafeInteger(position) && Number.isSafeInteger(number) && time.wallMs >= 0,
        );
      }
      for (const values of found.accounts.map((other) => Object.values(other) as number[])) {
        assert.ok(values.every((value) => Number.isSafeInteger(value) && value >= 0));
      }
      assert.ok(found.records.length >= records.length);
      return 'forged';
    }
    const found = readEntries(damaged(draw, whole));
    for (const record of found.records) {
      assert.deepEqual(record, records[record.number - 1]);
    }
    for (const other of found.accounts) {
      assert.deepEqual(other, accounts);
    }
    return found.records.length === records.length ? 'whole' : 'damaged';
  },
};
