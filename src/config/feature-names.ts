import type { Fault } from './fault.js';
import type { FeatureStepOptions } from './feature-steps.js';

/** The names of a sample's features after all steps, or what is wrong with a step; its path begins with its index. */
export type FeatureNames = { readonly names: readonly string[] } | { readonly fault: Fault };

/** Name of an axis in `order`, without the minus that turns its sign. */
export function withoutSign(name: string): string {
  return name.startsWith('-') ? name.slice(1) : name;
}

/**
 * Follows the names through the steps, and holds each step to those that there are.
 *
 * @param rateHz samples a second, which bounds what a filter can cut off
 */
export function featureNames(
  axes: readonly string[],
  steps: readonly FeatureStepOptions[],
  rateHz: number,
): FeatureNames {
  let names = axes;
  for (const [index, step] of steps.entries()) {
    const found = stepFault(step, names, rateHz);
    if (found !== undefined) {
      const [option, message] = found;
      return { fault: { path: [index, ...(option === undefined ? [] : [option])], message } };
    }
    names = namesAfter(step, names);
  }
  return { names };
}

function namesAfter(step: FeatureStepOptions, names: readonly string[]): readonly string[] {
  switch (step.step) {
    case 'axes':
      return step.order.map(withoutSign);
    case 'magnitude':
      return [...names, step.as];
    case 'highPass':
    case 'lowPass':
    case 'difference':
      return [...names, ...(step.as ?? [])];
    default:
      return names;
  }
}

type OptionFault = readonly [option: string | undefined, message: string];

function stepFault(
  step: FeatureStepOptions,
  names: readonly string[],
  rateHz: number,
): OptionFault | undefined {
  const used = step.step === 'axes' ? step.order.map(withoutSign) : (step.axes ?? names);
  const at = step.step === 'axes' ? 'order' : 'axes';
  const unknown = used.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    return [at, `"${unknown}" is not there; at this step there are: ${names.join(', ')}`];
  }
  if (new Set(used).size < used.length) {
    return [at, 'must not name one twice'];
  }
  const added = 'as' in step ? [step.as ?? []].flat() : [];
  const taken = added.find((name, index) => [...names, ...added.slice(0, index)].includes(name));
  if (taken !== undefined) {
    return ['as', `"${taken}" is a name already: give it another`];
  }
  switch (step.step) {
    case 'turn':
      return step.matrix.length === used.length &&
        step.matrix.every((row) => row.length === used.length)
        ? undefined
        : [
            'matrix',
            `must have ${used.length} rows of ${used.length} numbers, for ${used.join(', ')}`,
          ];
    case 'scale':
      return lengthFault('by', step.by, used);
    case 'standardize':
      return lengthFault('mean', step.mean, used) ?? lengthFault('std', step.std, used);
    case 'highPass':
    case 'lowPass':
      if ((step.cutoffHz === undefined) === (step.alpha === undefined)) {
        return [undefined, 'needs cutoffHz or alpha, one of them'];
      }
      if (step.cutoffHz !== undefined && step.cutoffHz >= rateHz / 2) {
        return ['cutoffHz', `must be below half of the rate, ${rateHz / 2} Hz`];
      }
      return step.as === undefined ? undefined : lengthFault('as', step.as, used);
    case 'difference':
      return step.as === undefined ? undefined : lengthFault('as', step.as, used);
    case 'clip':
      if (step.min === undefined && step.max === undefined) {
        return [undefined, 'needs min, max or both'];
      }
      return (step.min ?? -Infinity) > (step.max ?? Infinity)
        ? ['min', `must not be above max (${step.max})`]
        : undefined;
    default:
      return undefined;
  }
}

function lengthFault(
  option: string,
  value: unknown,
  used: readonly string[],
): OptionFault | undefined {
  return Array.isArray(value) && value.length !== used.length
    ? [
        option,
        `must have one entry each for ${used.join(', ')}: ${used.length}, not ${value.length}`,
      ]
    : undefined;
}
