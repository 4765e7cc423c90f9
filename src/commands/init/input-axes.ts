import type { ModelInput } from '../../model/plan/model-input.js';
import { axisKey } from '../../sensor/decoders/axis-key.js';
import type { InputFlags } from '../terminal/input-flags.js';

/** The axes that `--feed` names, each once, in the order of the flags; undefined without any. */
export function fedAxes({ feed }: InputFlags): readonly string[] | undefined {
  return feed && [...new Set(Object.values(feed).flat())];
}

/** The beginnings of the names of inputs, and the letter of the axes that they mean. */
const quantities = [
  [/acc/i, 'a'],
  [/gyr|rot/i, 'g'],
  [/mag/i, 'm'],
] as const;

/**
 * The axes of a sensor for each of several inputs: by their names where both tell (`gyro`, `gx`), else in order.
 *
 * @param axes as many as the inputs take together
 */
export function matchAxes(
  inputs: readonly ModelInput[],
  axes: readonly string[],
): Record<string, readonly string[]> {
  const left = [...axes];
  const matched = new Map<string, readonly string[]>();
  for (const { name, features } of inputs) {
    const letter = quantities.find(([word]) => word.test(name))?.[1];
    const named = left.filter((axis) => letter !== undefined && axisKey(axis).startsWith(letter));
    if (named.length === features.length) {
      matched.set(name, named);
      left.splice(0, left.length, ...left.filter((axis) => !named.includes(axis)));
    }
  }
  return Object.fromEntries(
    inputs.map(({ name, features }) => [
      name,
      matched.get(name) ?? left.splice(0, features.length),
    ]),
  );
}
