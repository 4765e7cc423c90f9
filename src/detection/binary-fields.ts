import { readNumber, type NumberType } from '../sensor/decoders/frames/numbers.js';

/** Holds what the bytes of a frame between its marks seem to be. */
export interface GuessedFields {
  /** Fields before the axes and behind them, as the option `frame` names them. */
  readonly before: readonly string[];
  readonly behind: readonly string[];
  readonly axes: number;
  readonly type: NumberType;
  readonly endian: 'little' | 'big';
}

const mostReading = 1e7;
const leastReading = 1e-6;

/**
 * Guesses a counter at the beginning, and readings of one type behind it.
 *
 * @param payloads the same bytes of frames that followed each other; one frame in ten may be damaged
 */
export function guessFields(payloads: readonly Uint8Array[]): GuessedFields | undefined {
  const size = payloads[0]?.length ?? 0;
  const counter = counterOf(payloads);
  const from = counter?.bytes ?? 0;
  const left = size - from;
  const before = counter === undefined ? [] : [`${counter.type} counter`];
  for (const endian of ['little', 'big'] as const) {
    if (left >= 4 && left % 4 === 0 && areFloats(payloads, from, endian)) {
      return { before, behind: [], axes: left / 4, type: 'f32', endian };
    }
  }
  if (left < 2) {
    return undefined;
  }
  const axes = Math.floor(left / 2);
  const endian =
    roughness(payloads, from, axes, 'little') <= roughness(payloads, from, axes, 'big')
      ? 'little'
      : 'big';
  return { before, behind: left % 2 === 0 ? [] : ['skip 1'], axes, type: 'i16', endian };
}

function counterOf(
  payloads: readonly Uint8Array[],
): { readonly type: NumberType; readonly bytes: number } | undefined {
  const kinds = [
    { type: 'u32', bytes: 4 },
    { type: 'u16', bytes: 2 },
    { type: 'u8', bytes: 1 },
  ] as const;
  return kinds.find(({ type, bytes }) => {
    if ((payloads[0]?.length ?? 0) < bytes + 2) {
      return false;
    }
    const values = payloads.map((payload) => readNumber(payload, 0, type, true));
    const steps = values.slice(1).filter((value, n) => {
      const step = value - (values[n] ?? 0);
      return step === 1 || step === 1 - 2 ** (8 * bytes);
    });
    return steps.length >= 0.8 * (values.length - 1);
  });
}

function areFloats(
  payloads: readonly Uint8Array[],
  from: number,
  endian: 'little' | 'big',
): boolean {
  let good = 0;
  let all = 0;
  let isAllZero = true;
  for (const payload of payloads) {
    for (let at = from; at + 4 <= payload.length; at += 4) {
      const size = Math.abs(readNumber(payload, at, 'f32', endian === 'little'));
      all += 1;
      good += size === 0 || (size > leastReading && size < mostReading) ? 1 : 0;
      isAllZero &&= size === 0;
    }
  }
  return good >= 0.95 * all && !isAllZero;
}

/** How far readings are from those before them, all together: the wrong order of bytes makes noise of them. */
function roughness(
  payloads: readonly Uint8Array[],
  from: number,
  axes: number,
  endian: 'little' | 'big',
): number {
  let sum = 0;
  for (let n = 1; n < payloads.length; n += 1) {
    const now = payloads[n] ?? new Uint8Array();
    const last = payloads[n - 1] ?? now;
    for (let axis = 0; axis < axes; axis += 1) {
      const at = from + 2 * axis;
      const isLittle = endian === 'little';
      sum += Math.abs(readNumber(now, at, 'i16', isLittle) - readNumber(last, at, 'i16', isLittle));
    }
  }
  return sum;
}
