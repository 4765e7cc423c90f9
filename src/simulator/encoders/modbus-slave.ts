import { crc16Modbus } from '../../sensor/decoders/frames/checksums.js';
import type { Answering } from './encoder.js';

const requestBytes = 8;
const readHolding = 3;
const mostRegisters = 125;
const illegal = { function: 1, address: 2, value: 3 };

/** A slave of Modbus RTU that has the registers of the latest row, and no others. */
export class ModbusSlave implements Answering {
  readonly #slave: number;
  readonly #start: number;
  #heard = Buffer.alloc(0);

  /** @param start address of the first register */
  constructor(slave: number, start: number) {
    this.#slave = slave;
    this.#start = start;
  }

  answers(heard: Uint8Array, row: Uint8Array): Uint8Array[] {
    let bytes = Buffer.concat([this.#heard, heard]);
    const answers: Uint8Array[] = [];
    while (bytes.length >= requestBytes) {
      const isRequest =
        bytes[0] === this.#slave &&
        crc16Modbus(bytes, 0, requestBytes - 2) === bytes.readUInt16LE(requestBytes - 2);
      if (isRequest) {
        answers.push(this.#answer(bytes, row));
      }
      bytes = bytes.subarray(isRequest ? requestBytes : 1);
    }
    this.#heard = Buffer.from(bytes);
    return answers;
  }

  #answer(request: Buffer, row: Uint8Array): Uint8Array {
    // The row is an answer with all registers.
    const registers = row.subarray(3, -2);
    const code = request[1] ?? 0;
    const first = 2 * (request.readUInt16BE(2) - this.#start);
    const bytes = 2 * request.readUInt16BE(4);
    if (code !== readHolding) {
      return framed([this.#slave, code | 0x80, illegal.function]);
    }
    if (bytes === 0 || bytes > 2 * mostRegisters) {
      return framed([this.#slave, code | 0x80, illegal.value]);
    }
    if (first < 0 || first + bytes > registers.length) {
      return framed([this.#slave, code | 0x80, illegal.address]);
    }
    return framed([this.#slave, code, bytes, ...registers.subarray(first, first + bytes)]);
  }
}

/** A frame of these bytes and their CRC. */
export function framed(bytes: readonly number[]): Uint8Array {
  const frame = Buffer.from([...bytes, 0, 0]);
  frame.writeUInt16LE(crc16Modbus(frame, 0, frame.length - 2), frame.length - 2);
  return frame;
}
