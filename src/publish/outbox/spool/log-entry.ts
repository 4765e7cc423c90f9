import { crc32 } from 'node:zlib';
import type { Qos } from '../../prediction/record.js';
import type { RecordTime } from './record-clock.js';
import { noSavedAccounts, type SavedAccounts } from './saved-accounts.js';

/**
 * A segment file is a row of batches. Each begins at a page of its own, with zeros up to the end of its
 * last page: what is on disk is never written again, for a write that is cut may spoil all of a page.
 * A batch is entries, the last of them the accounts. docs/formats/outbox-log.md has every byte.
 */
export const pageBytes = 4096;
const lengthBytes = 4;
/** Length and CRC-32 of the body. */
const headerBytes = 8;
/** A record as earlier versions wrote it, with its topic in place of its stream. It is read, not written. */
const topicRecordType = 1;
/** Accounts as earlier versions wrote them, without the last of the numbers. They are read, not written. */
const shortAccountsType = 2;
/** A record as earlier versions wrote it, without what tells of the clock. It is read, not written. */
const undatedRecordType = 3;
const recordType = 4;
const accountsType = 5;
/** Bytes of a record's body before its stream; and of one that earlier versions wrote. */
const recordHeadBytes = 40;
const earlierHeadBytes = 28;
/** The bits of the second byte beside the QoS. */
const clockWasRight = 4;
const qosMask = 3;

/** A record as it is in the log; its kind is that of the file. */
export interface LoggedRecord {
  /** Its place among those of its kind in the log, rising. */
  readonly position: number;
  /** Its number among all that the device ever made. */
  readonly number: number;
  /** When it was made. */
  readonly time: RecordTime;
  readonly qos: Qos;
  readonly stream: string;
  readonly payload: string;
}

const accountsKeys = Object.keys(noSavedAccounts) as (keyof SavedAccounts)[];
const accountsBytes = 1 + 8 * accountsKeys.length;
const shortAccountsBytes = accountsBytes - 8;

/** The bytes of a batch of these records: whole pages. */
export function encodeBatch(records: readonly LoggedRecord[], accounts: SavedAccounts): Buffer {
  const entries = [...records.map(encodeRecord), encodeAccounts(accounts)];
  const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
  return Buffer.concat(entries, pageBytes * Math.ceil(bytes / pageBytes));
}

function encodeRecord({ position, number, time, qos, stream, payload }: LoggedRecord): Buffer {
  const streamBytes = Buffer.byteLength(stream);
  const bodyBytes = recordHeadBytes + streamBytes + Buffer.byteLength(payload);
  const entry = Buffer.allocUnsafe(headerBytes + bodyBytes);
  const body = entry.subarray(headerBytes);
  body.writeUInt8(recordType, 0);
  body.writeUInt8(qos | (time.isRight ? clockWasRight : 0), 1);
  body.writeUInt16LE(streamBytes, 2);
  body.writeDoubleLE(position, 4);
  body.writeDoubleLE(number, 12);
  body.writeDoubleLE(time.wallMs, 20);
  body.writeDoubleLE(time.offsetMs, 28);
  body.writeUInt32LE(time.boot, 36);
  body.write(stream, recordHeadBytes);
  body.write(payload, recordHeadBytes + streamBytes);
  return withHeader(entry, body);
}

function encodeAccounts(accounts: SavedAccounts): Buffer {
  const entry = Buffer.allocUnsafe(headerBytes + accountsBytes);
  const body = entry.subarray(headerBytes);
  body.writeUInt8(accountsType, 0);
  accountsKeys.forEach((key, i) => body.writeDoubleLE(accounts[key], 1 + 8 * i));
  return withHeader(entry, body);
}

function withHeader(entry: Buffer, body: Buffer): Buffer {
  entry.writeUInt32LE(body.length, 0);
  entry.writeUInt32LE(crc32(body), 4);
  return entry;
}

/** The stream of a topic `<prefix>/<device>/<stream>/<kind>`. */
function streamOf(topic: string): string {
  return topic.split('/').at(-2) ?? topic;
}

/** The bytes before the stream's name in a record of this type; undefined for another entry. */
function headBytesOf(type: number | undefined): number | undefined {
  if (type === recordType) {
    return recordHeadBytes;
  }
  return type === undatedRecordType || type === topicRecordType ? earlierHeadBytes : undefined;
}

/** The bytes of the body of accounts of this type; undefined for another entry. */
function accountsBytesOf(type: number | undefined): number | undefined {
  if (type === accountsType) {
    return accountsBytes;
  }
  return type === shortAccountsType ? shortAccountsBytes : undefined;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isTime({ wallMs, offsetMs }: RecordTime): boolean {
  return wallMs >= 0 && Number.isFinite(offsetMs);
}

/** Reads the whole entries of a file in their order, and passes over bytes that are no entry. */
export class EntryReader {
  readonly #bytes: Buffer;
  #body: Buffer = Buffer.alloc(0);
  #next = 0;

  /** @param bytes a segment file from its beginning on */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Goes to the next whole entry, and says what it is; undefined where none follows. */
  next(): 'record' | 'accounts' | undefined {
    while (this.#next + headerBytes < this.#bytes.length) {
      const body = this.#bodyAt(this.#next);
      if (body === undefined) {
        this.#skip();
        continue;
      }
      this.#next += headerBytes + body.length;
      this.#body = body;
      // Numbers that no version wrote are not believed even with a CRC that fits.
      if (accountsBytesOf(body[0]) !== undefined) {
        if (this.#areCounts) {
          return 'accounts';
        }
      } else if (isCount(this.position) && isCount(this.number) && isTime(this.time)) {
        return 'record';
      }
    }
    return undefined;
  }

  /**
   * Passes the zeros behind a batch in one step, and damage a byte at a time; zeros within damage up to
   * the last place at which a length of more than 0 can begin.
   */
  #skip(): void {
    const pageEnd = pageBytes * (Math.floor(this.#next / pageBytes) + 1);
    const end = Math.min(pageEnd, this.#bytes.length);
    let at = this.#next;
    while (at < end && this.#bytes[at] === 0) {
      at += 1;
    }
    this.#next = at === end ? pageEnd : Math.max(this.#next + 1, at - (lengthBytes - 1));
  }

  /** The body of the whole entry that begins at `at`; undefined where none does. */
  #bodyAt(at: number): Buffer | undefined {
    const start = at + headerBytes;
    const end = start + this.#bytes.readUInt32LE(at);
    const type = this.#bytes[start];
    const headBytes = headBytesOf(type);
    const isLikely =
      headBytes === undefined
        ? end === start + (accountsBytesOf(type) ?? Infinity)
        : end >= start + headBytes;
    if (!isLikely || end > this.#bytes.length) {
      return undefined;
    }
    const body = this.#bytes.subarray(start, end);
    return this.#bytes.readUInt32LE(at + 4) === crc32(body) ? body : undefined;
  }

  /** Position of the record that `next` came to. */
  get position(): number {
    return this.#body.readDoubleLE(4);
  }

  /** Number of the record that `next` came to. */
  get number(): number {
    return this.#body.readDoubleLE(12);
  }

  /** When the record that `next` came to was made. */
  get time(): RecordTime {
    const body = this.#body;
    const wallMs = body.readDoubleLE(20);
    // Earlier versions took every clock for right.
    return body[0] === recordType
      ? {
          wallMs,
          offsetMs: body.readDoubleLE(28),
          boot: body.readUInt32LE(36),
          isRight: ((body[1] ?? 0) & clockWasRight) !== 0,
        }
      : { wallMs, offsetMs: 0, boot: 0, isRight: true };
  }

  /** The record that `next` came to. */
  get record(): LoggedRecord {
    const body = this.#body;
    const nameStart = headBytesOf(body[0]) ?? recordHeadBytes;
    const payloadStart = nameStart + body.readUInt16LE(2);
    const qos = (body[1] ?? 0) & qosMask;
    const name = body.toString('utf8', nameStart, payloadStart);
    return {
      position: this.position,
      number: this.number,
      time: this.time,
      qos: qos === 0 || qos === 2 ? qos : 1,
      stream: body[0] === topicRecordType ? streamOf(name) : name,
      payload: body.toString('utf8', payloadStart),
    };
  }

  /** The accounts that `next` came to. */
  get accounts(): SavedAccounts {
    const accounts: Record<keyof SavedAccounts, number> = { ...noSavedAccounts };
    accountsKeys.slice(0, (this.#body.length - 1) / 8).forEach((key, i) => {
      accounts[key] = this.#body.readDoubleLE(1 + 8 * i);
    });
    return accounts;
  }

  /** True when the accounts that `next` came to can be such: no number is negative, broken or beyond 2^53. */
  get #areCounts(): boolean {
    for (let at = 1; at < this.#body.length; at += 8) {
      if (!isCount(this.#body.readDoubleLE(at))) {
        return false;
      }
    }
    return true;
  }
}
