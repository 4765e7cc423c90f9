import { floatText } from '../../../base/float-text.js';

/**
 * A number that was computed in float64, as a decimal that gives back the same float32: more digits than that
 * are not in the outputs that it was made of. One beyond the range of float32 keeps all of its digits.
 *
 * @param value finite
 */
export function numberText(value: number): string {
  const rounded = Math.fround(value);
  return Number.isFinite(rounded) && (rounded !== 0 || value === 0)
    ? floatText(rounded)
    : String(value);
}

/** `[[...],[...]]`: the steps of a row, oldest first. */
export function stepsText(
  rows: Float32Array,
  first: number,
  steps: number,
  width: number,
  valueOf: (raw: number, output: number) => number = (raw) => raw,
): string {
  let text = '[';
  for (let step = 0; step < steps; step += 1) {
    text += step === 0 ? '[' : ',[';
    for (let output = 0; output < width; output += 1) {
      const raw = rows[first + step * width + output] ?? 0;
      text += `${output === 0 ? '' : ','}${numberText(valueOf(raw, output))}`;
    }
    text += ']';
  }
  return `${text}]`;
}
