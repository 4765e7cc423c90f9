import type { Decoder, DeviceClock, Diagnosis, Polling, RowSink, Unit } from '../decoder.js';
import { crc16Modbus } from '../frames/checksums.js';
import { FrameBuffer, noFrame } from '../frames/frame-buffer.js';
import { diagnoseFrames } from '../frames/frame-diagnosis.js';
import { RowBuffer } from '../row-buffer.js';
import { exceptionText } from './exceptions.js';
import { readRequest } from './read-request.js';
import { readRegister, spanOf, type Register } from './register-map.js';

/** Bytes of an answer around its registers: slave, function and length before them, the CRC behind. */
const beforeBytes = 3;
const crcBytes = 2;
const exceptionBytes = 5;
const exceptionBit = 0x80;
const lastSlave = 247;

export interface ModbusOptions {
  readonly axes: readonly string[];
  readonly slave: number;
  readonly function: 3 | 4;
  /** The register of each axis, by the axis' name; all of them in one span. */
  readonly registers: Readonly<Record<string, Register>>;
  readonly answerTimeoutMs: number;
  readonly turnaroundMs: number;
}

/** Requests by what became of them; `bytes` and `skippedBytes` alone count bytes. */
export interface ModbusCounters {
  bytes: number;
  rows: number;
  requests: number;
  /** Requests that were given up, whatever came that was no answer. */
  noAnswer: number;
  badChecksum: number;
  exceptions: number;
  nonFinite: number;
  /** Good answers after their requests had been given up. */
  lateAnswers: number;
  /** Good answers of other slaves. */
  otherSlaves: number;
  skippedBytes: number;
  [name: string]: number;
}

/**
 * Asks a slave for its registers over Modbus RTU and reads its answers (MODBUS over Serial Line 1.02). A request asks for
 * all registers from the first to the last that an axis has, so that a row is of one moment. Silence between frames is no
 * part of what is read here: an answer is known by its slave, function, length and CRC, wherever it begins, so that an
 * adapter's echo of the request and noise before an answer are passed over.
 */
export class ModbusDecoder implements Decoder, Polling {
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock = {};
  readonly expected: string;
  readonly timeoutMs: number;
  readonly turnaroundMs: number;
  readonly counters: ModbusCounters = {
    bytes: 0,
    rows: 0,
    requests: 0,
    noAnswer: 0,
    badChecksum: 0,
    exceptions: 0,
    nonFinite: 0,
    lateAnswers: 0,
    otherSlaves: 0,
    skippedBytes: 0,
  };

  readonly #slave: number;
  readonly #function: number;
  readonly #registers: readonly Register[];
  readonly #start: number;
  readonly #dataBytes: number;
  readonly #request: Uint8Array;
  readonly #frames: FrameBuffer;
  readonly #rows: RowBuffer;
  #isWaiting = false;
  #rejection: string | undefined;

  /** @param options whose map has no faults */
  constructor(options: ModbusOptions) {
    const { axes, slave, registers } = options;
    this.axes = axes.length;
    this.units = axes.map(() => undefined);
    this.timeoutMs = options.answerTimeoutMs;
    this.turnaroundMs = options.turnaroundMs;
    this.#slave = slave;
    this.#function = options.function;
    this.#registers = axes.flatMap((axis) => registers[axis] ?? []);
    const { start, count } = spanOf(this.#registers);
    this.#start = start;
    this.#dataBytes = 2 * count;
    this.#request = readRequest(slave, options.function, start, count);
    this.#rows = new RowBuffer(axes.length);
    this.#frames = new FrameBuffer({
      maxFrameBytes: beforeBytes + this.#dataBytes + crcBytes,
      read: (bytes, at, end) => this.#read(bytes, at, end),
      skip: (bytes) => {
        this.counters.skippedBytes += bytes;
      },
    });
    this.expected = `the answer of slave ${slave} with ${count} register${count === 1 ? '' : 's'} from ${start} on (Modbus RTU, function ${options.function})`;
  }

  get polling(): Polling {
    return this;
  }

  get rejection(): string | undefined {
    return this.#rejection;
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  request(): Uint8Array {
    // What came before was asked for by nobody, or is the rest of an answer that was given up.
    this.counters.skippedBytes += this.#frames.reset();
    this.counters.requests += 1;
    this.#isWaiting = true;
    return this.#request;
  }

  giveUp(sink: RowSink): void {
    this.#abandon();
    const { lateAnswers } = this.counters;
    this.#rejection =
      `slave ${this.#slave} did not answer within ${this.timeoutMs} ms: ` +
      (lateAnswers > 0
        ? `${lateAnswers} answers came too late, so raise sensor.answerTimeoutMs`
        : 'look at sensor.slave, sensor.baudRate, parity, and whether A and B are swapped');
    sink.lost(1);
  }

  reset(): void {
    if (this.#isWaiting) {
      this.#abandon();
    }
    this.counters.skippedBytes += this.#frames.reset();
  }

  push(chunk: Uint8Array, sink: RowSink): void {
    this.counters.bytes += chunk.length;
    this.#rows.begin(sink);
    this.#frames.push(chunk);
    this.#rows.end();
  }

  diagnose(bytes: Uint8Array): Diagnosis {
    const { rows, exceptions, nonFinite, badChecksum } = this.counters;
    const counts = {
      frames: rows + exceptions + nonFinite,
      badChecksum,
      areFrames: 2 * badChecksum > this.counters.requests,
    };
    return diagnoseFrames(bytes, 'Modbus RTU', counts, this.#rejection);
  }

  #abandon(): void {
    this.counters.skippedBytes += this.#frames.reset();
    this.counters.noAnswer += 1;
    this.#isWaiting = false;
  }

  /** As `FrameReader.read`. */
  #read(bytes: Uint8Array, at: number, end: number): number {
    const slave = bytes[at] ?? 0;
    if (slave === 0 || slave > lastSlave) {
      return noFrame;
    }
    if (end - at < 2) {
      return 0;
    }
    const isException = bytes[at + 1] === (this.#function | exceptionBit);
    if (!isException && bytes[at + 1] !== this.#function) {
      return noFrame;
    }
    if (end - at < beforeBytes) {
      return 0;
    }
    if (!isException && bytes[at + 2] !== this.#dataBytes) {
      return noFrame;
    }
    const length = isException ? exceptionBytes : beforeBytes + this.#dataBytes + crcBytes;
    if (end - at < length) {
      return 0;
    }
    const crcAt = at + length - crcBytes;
    const crc = (bytes[crcAt] ?? 0) | ((bytes[crcAt + 1] ?? 0) << 8);
    if (crc16Modbus(bytes, at, crcAt) !== crc) {
      if (slave === this.#slave && this.#isWaiting) {
        this.#lose('badChecksum', `an answer of slave ${slave} has another CRC than its bytes`);
      }
      return noFrame;
    }
    this.#take(bytes, at, isException);
    return length;
  }

  /** Takes an answer whose CRC is right. */
  #take(bytes: Uint8Array, at: number, isException: boolean): void {
    if (bytes[at] !== this.#slave) {
      this.counters.otherSlaves += 1;
      this.#rejection ??= `slave ${bytes[at]} answers, and not slave ${this.#slave}: is another master on the line?`;
    } else if (!this.#isWaiting) {
      this.counters.lateAnswers += 1;
    } else if (isException) {
      this.#lose(
        'exceptions',
        `slave ${this.#slave} answers with ${exceptionText(bytes[at + 2] ?? 0)}`,
      );
    } else {
      this.#takeRow(bytes, at + beforeBytes);
    }
  }

  #takeRow(bytes: Uint8Array, dataAt: number): void {
    const { values, offset } = this.#rows;
    const registers = this.#registers;
    for (let axis = 0; axis < registers.length; axis += 1) {
      const register = registers[axis];
      const value =
        register === undefined
          ? Number.NaN
          : readRegister(bytes, dataAt + 2 * (register.address - this.#start), register);
      if (!Number.isFinite(value)) {
        this.#lose('nonFinite', `a register of slave ${this.#slave} holds no finite number`);
        return;
      }
      values[offset + axis] = value;
    }
    this.#isWaiting = false;
    this.counters.rows += 1;
    this.#rows.add();
  }

  /** The answer came, and its row is lost. */
  #lose(reason: 'badChecksum' | 'exceptions' | 'nonFinite', message: string): void {
    this.#isWaiting = false;
    this.counters[reason] += 1;
    this.#rejection = message;
    this.#rows.lose();
  }
}
