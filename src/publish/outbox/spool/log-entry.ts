import { crc32 } from 'node:zlib';
import type { Qos } from '../record.js';
import { emptyLedger, type Ledger } from './ledger.js';

/**
 * A file of the log is batches, each from a page's beginning on, with zeros to the end of its last page:
 * what is on disk is not written again, for a write that is cut may spoil all of a page. A batch is
 * frames, the last of them a ledger. A frame, little-endian:
 *
 *     0  bytes of the body, u32      body of a record             body of a ledger
 *     4  CRC-32 of the body, u32       0   1, u8                    0  2, u8
 *     8  body                          1   QoS, u8                  1  its numbers, f64 each
 *                                      2   bytes of the topic, u16
 *                                      4   position, f64
 *                                      12  number, f64
 *                                      20  made at, f64 epoch ms
 *                                      28  topic, payload
 */
const pageBytes = 4096;
const zeros = Buffer.alloc(pageBytes);
const headerBytes = 8;
const recordType = 1;
const ledgerType = 2;
const recordHeadBytes = 28;

/** A record as it is in the log. */
export interface LoggedRecord {
  /** Its place among those of its kind in the log, rising. */
  readonly position: number;
  /** Its number among all that were ever made. */
  readonly number: number;
  /** When it was made, epoch milliseconds of the machine's clock. */
  readonly wallMs: number;
  readonly qos: Qos;
  readonly topic: string;
  readonly payload: string;
}

const ledgerKeys = Object.keys(emptyLedger) as (keyof Ledger)[];
const ledgerBytes = 1 + 8 * ledgerKeys.length;

/** Bytes of a batch of these records. */
export function encodeBatch(records: readonly LoggedRecord[], ledger: Ledger): Buffer {
  const frames = [...records.map(encodeRecord), encodeLedger(ledger)];
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
  return Buffer.concat(frames, pageBytes * Math.ceil(bytes / pageBytes));
}

function encodeRecord({ position, number, wallMs, qos, topic, payload }: LoggedRecord): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const bodyBytes = recordHeadBytes + topicBytes + Buffer.byteLength(payload);
  const frame = Buffer.allocUnsafe(headerBytes + bodyBytes);
  const body = frame.subarray(headerBytes);
  body.writeUInt8(recordType, 0);
  body.writeUInt8(qos, 1);
  body.writeUInt16LE(topicBytes, 2);
  body.writeDoubleLE(position, 4);
  body.writeDoubleLE(number, 12);
  body.writeDoubleLE(wallMs, 20);
  body.write(topic, recordHeadBytes);
  body.write(payload, recordHeadBytes + topicBytes);
  return sealed(frame, body);
}

function encodeLedger(ledger: Ledger): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + ledgerBytes);
  const body = frame.subarray(headerBytes);
  body.writeUInt8(ledgerType, 0);
  ledgerKeys.forEach((key, i) => body.writeDoubleLE(ledger[key], 1 + 8 * i));
  return sealed(frame, body);
}

function sealed(frame: Buffer, body: Buffer): Buffer {
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt32LE(crc32(body), 4);
  return frame;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Reads the whole frames of a file in their order, and passes over what is none. */
export class FrameReader {
  readonly #bytes: Buffer;
  #body: Buffer = Buffer.alloc(0);
  #next = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Goes to the next whole frame; undefined when there is none. */
  next(): 'record' | 'ledger' | undefined {
    while (this.#next + headerBytes < this.#bytes.length) {
      const body = this.#bodyAt(this.#next);
      if (body === undefined) {
        this.#skip();
        continue;
      }
      this.#next += headerBytes + body.length;
      this.#body = body;
      // What nobody wrote is not believed even with a CRC that fits.
      if (body[0] === ledgerType) {
        if (Object.values<number>({ ...this.ledger }).every(isCount)) {
          return 'ledger';
        }
      } else if (isCount(this.position) && isCount(this.number) && this.wallMs >= 0) {
        return 'record';
      }
    }
    return undefined;
  }

  /** Passes the zeros behind a batch in one step, and what is damaged a byte at a time. */
  #skip(): void {
    const pageEnd = pageBytes * (Math.floor(this.#next / pageBytes) + 1);
    const rest = this.#bytes.subarray(this.#next, pageEnd);
    this.#next = rest.equals(zeros.subarray(0, rest.length)) ? pageEnd : this.#next + 1;
  }

  /** The body of a whole frame, if one begins there. */
  #bodyAt(at: number): Buffer | undefined {
    const start = at + headerBytes;
    const end = start + this.#bytes.readUInt32LE(at);
    const type = this.#bytes[start];
    const isLikely =
      type === recordType
        ? end >= start + recordHeadBytes
        : type === ledgerType && end === start + ledgerBytes;
    if (!isLikely || end > this.#bytes.length) {
      return undefined;
    }
    const body = this.#bytes.subarray(start, end);
    return this.#bytes.readUInt32LE(at + 4) === crc32(body) ? body : undefined;
  }

  /** Of the record that `next` came to. */
  get position(): number {
    return this.#body.readDoubleLE(4);
  }

  get number(): number {
    return this.#body.readDoubleLE(12);
  }

  /** When it was made, epoch milliseconds. */
  get wallMs(): number {
    return this.#body.readDoubleLE(20);
  }

  get record(): LoggedRecord {
    const body = this.#body;
    const payloadStart = recordHeadBytes + body.readUInt16LE(2);
    const qos = body[1];
    return {
      position: this.position,
      number: this.number,
      wallMs: this.wallMs,
      qos: qos === 0 || qos === 2 ? qos : 1,
      topic: body.toString('utf8', recordHeadBytes, payloadStart),
      payload: body.toString('utf8', payloadStart),
    };
  }

  get ledger(): Ledger {
    const body = this.#body;
    return ledgerKeys.reduce(
      (ledger, key, i) => ({ ...ledger, [key]: body.readDoubleLE(1 + 8 * i) }),
      emptyLedger,
    );
  }
}
