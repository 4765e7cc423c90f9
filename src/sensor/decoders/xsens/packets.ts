import type { Unit } from '../decoder.js';
import { readNumber, unsigned } from '../frames/numbers.js';

export const preamble = 0xfa;
export const busId = 0xff;
export const mtData2 = 0x36;
export const extendedLength = 0xff;

export const packetCounter = 0x1020;
export const sampleTimeFine = 0x1060;

/** A field: the packet that has it, without the bits of coordinates and precision, and its place in it. */
export interface Field {
  readonly name: string;
  readonly packet: number;
  readonly place: number;
  readonly unit: Unit;
}

function packet(id: number, unit: Unit, names: readonly string[]): Field[] {
  return names.map((name, place) => ({ name, packet: id, place, unit }));
}

/** Those of the MT Low Level Communication Protocol that are numbers in real precision. */
export const fields: readonly Field[] = [
  ...packet(0x4020, 'm/s2', ['ax', 'ay', 'az']),
  ...packet(0x8020, 'rad/s', ['gx', 'gy', 'gz']),
  ...packet(0xc020, 'raw', ['mx', 'my', 'mz']),
  ...packet(0x2030, 'deg', ['roll', 'pitch', 'yaw']),
  ...packet(0x2010, 'raw', ['q0', 'q1', 'q2', 'q3']),
  ...packet(0x4030, 'm/s2', ['freex', 'freey', 'freez']),
  ...packet(0x0810, 'raw', ['temp']),
];

/** Bytes of a number, by the two lowest bits of its packet: float32, fixed 12.20, fixed 16.32, float64. */
export const precisionBytes = [4, 4, 6, 8];

/** Reads a number in the precision that the two lowest bits of its packet say. */
export function realNumber(bytes: Uint8Array, at: number, precision: number): number {
  switch (precision) {
    case 0:
      return readNumber(bytes, at, 'f32', false);
    case 1:
      return readNumber(bytes, at, 'i32', false) / 2 ** 20;
    case 2:
      // The fraction comes first.
      return readNumber(bytes, at + 4, 'i16', false) + unsigned(bytes, at, 4, false) / 2 ** 32;
    default:
      return readNumber(bytes, at, 'f64', false);
  }
}
