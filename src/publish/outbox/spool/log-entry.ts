import { crc32 } from 'node:zlib';
import type { Qos } from '../../prediction/record.js';
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
const accountsType = 2;
const recordType = 3;
/** Bytes of a record's body before its stream. */
const recordHeadBytes = 28;

/** A record as it is in the log; its kind is that of the file. */
export interface LoggedRecord {
  /** Its place among those of its kind in the log, rising. */
  readonly position: number;
  /** Its number among all that the device ever made. */
  readonly number: number;
  /** When it was made, epoch milliseconds of the machine's clock. */
  readonly wallMs: number;
  readonly qos: Qos;
  readonly stream: string;
  readonly payload: string;
}

const accountsKeys = Object.keys(noSavedAccounts) as (keyof SavedAccounts)[];
const accountsBytes = 1 + 8 * accountsKeys.length;

/** The bytes of a batch of these records: whole pages. */
export function encodeBatch(records: readonly LoggedRecord[], accounts: SavedAccounts): Buffer {
  const entries = [...records.map(encodeRecord), encodeAccounts(accounts)];
  const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
  return Buffer.concat(entries, pageBytes * Math.ceil(bytes / pageBytes));
}

function encodeRecord({ position, number, wallMs, qos, stream, payload }: LoggedRecord): Buffer {
  const streamBytes = Buffer.byteLength(stream);
  const bodyBytes = recordHeadBytes + streamBytes + Buffer.byteLength(payload);
  const entry = Buffer.allocUnsafe(headerBytes + bodyBytes);
  const body = entry.subarray(headerBytes);
  body.writeUInt8(recordType, 0);
  body.writeUInt8(qos, 1);
  body.writeUInt16LE(streamBytes, 2);
  body.writeDoubleLE(position, 4);
  body.writeDoubleLE(number, 12);
  body.writeDoubleLE(wallMs, 20);
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

function isRecord(type: number | undefined): boolean {
  return type === recordType || type === topicRecordType;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
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
      if (body[0] === accountsType) {
        if (Object.values<number>({ ...this.accounts }).every(isCount)) {
          return 'accounts';
        }
      } else if (isCount(this.position) && isCount(this.number) && this.wallMs >= 0) {
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
    const isLikely = isRecord(type)
      ? end >= start + recordHeadBytes
      : type === accountsType && end === start + accountsBytes;
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

  /** When the record that `next` came to was made, epoch milliseconds. */
  get wallMs(): number {
    return this.#body.readDoubleLE(20);
  }

  /** The record that `next` came to. */
  get record(): LoggedRecord {
    const body = this.#body;
    const payloadStart = recordHeadBytes + body.readUInt16LE(2);
    const qos = body[1];
    const name = body.toString('utf8', recordHeadBytes, payloadStart);
    return {
      position: this.position,
      number: this.number,
      wallMs: this.wallMs,
      qos: qos === 0 || qos === 2 ? qos : 1,
      stream: body[0] === topicRecordType ? streamOf(name) : name,
      payload: body.toString('utf8', payloadStart),
    };
  }

  /** The accounts that `next` came to. */
  get accounts(): SavedAccounts {
    const body = this.#body;
    return accountsKeys.reduce(
      (accounts, key, i) => ({ ...accounts, [key]: body.readDoubleLE(1 + 8 * i) }),
      noSavedAccounts,
    );
  }
}
