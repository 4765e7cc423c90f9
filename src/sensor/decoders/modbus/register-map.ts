import type { Fault } from '../../../config/fault.js';
import { readNumber } from '../frames/numbers.js';

/** Numbers in registers: one of 16 bits, or two registers. */
export const registerTypes = ['int16', 'uint16', 'int32', 'uint32', 'float32'] as const;
export type RegisterType = (typeof registerTypes)[number];

/** The place at which a slave has a reading. */
export interface Register {
  /** The first of its registers as it goes over the wire, from 0. */
  readonly address: number;
  readonly type: RegisterType;
  /** Says which of two registers holds the higher bits: `big` is the first. */
  readonly wordOrder: 'big' | 'little';
}

/** More do not fit into one answer (MODBUS Application Protocol 1.1b3, section 6.3). */
export const mostRegisters = 125;
const lastAddress = 0xffff;

const numberTypes = {
  int16: 'i16',
  uint16: 'u16',
  int32: 'i32',
  uint32: 'u32',
  float32: 'f32',
} as const;

/** Registers that a number of a type has. */
export function registersOf(type: RegisterType): number {
  return type === 'int16' || type === 'uint16' ? 1 : 2;
}

/** The registers that one request asks for: all from the first to the last that an axis has. */
export interface RegisterSpan {
  readonly start: number;
  readonly count: number;
}

/** @param registers at least one */
export function spanOf(registers: readonly Register[]): RegisterSpan {
  const start = Math.min(...registers.map(({ address }) => address));
  const end = Math.max(...registers.map(({ address, type }) => address + registersOf(type)));
  return { start, count: end - start };
}

/** Returns what is wrong with a map for these axes. */
export function mapFaults(
  axes: readonly string[],
  registers: Readonly<Record<string, Register>>,
): Fault[] {
  const missing = axes.filter((axis) => registers[axis] === undefined);
  if (missing.length > 0) {
    const message = `has no register for axis ${missing.join(', ')}: write "${missing[0]}: { address: 0x34 }"`;
    return [{ path: ['registers'], message }];
  }
  const unknown = Object.keys(registers).filter((name) => !axes.includes(name));
  if (unknown.length > 0) {
    const message = `"${unknown[0]}" is no axis: sensor.axes has ${axes.join(', ')}`;
    return [{ path: ['registers'], message }];
  }
  const { start, count } = spanOf(axes.flatMap((axis) => registers[axis] ?? []));
  if (start + count - 1 > lastAddress) {
    return [{ path: ['registers'], message: 'the last register is 0xffff' }];
  }
  if (count > mostRegisters) {
    const message = `must lie within ${mostRegisters} registers, which is what one answer holds: these span ${count}, from ${start} to ${start + count - 1}`;
    return [{ path: ['registers'], message }];
  }
  return [];
}

/** Reads the number whose first register begins at `bytes[at]`; each register has its high byte first. */
export function readRegister(bytes: Uint8Array, at: number, register: Register): number {
  const { type, wordOrder } = register;
  if (wordOrder === 'big' || registersOf(type) === 1) {
    return readNumber(bytes, at, numberTypes[type], false);
  }
  swapped[0] = bytes[at + 2] ?? 0;
  swapped[1] = bytes[at + 3] ?? 0;
  swapped[2] = bytes[at] ?? 0;
  swapped[3] = bytes[at + 1] ?? 0;
  return readNumber(swapped, 0, numberTypes[type], false);
}

const swapped = new Uint8Array(4);
