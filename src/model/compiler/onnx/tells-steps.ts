import type { OnnxNode } from '../../source/onnx-source.js';
import type { GraphTerms } from './node-context.js';
import { timeAxis, type Value } from './values/value.js';

/** Returns whether an input tells a node how many steps there are, where these may be any. */
export function tellsSteps(
  { isTimeKnown, isOneStep }: GraphTerms,
  { operator }: OnnxNode,
  input: Value | undefined,
): boolean {
  switch (input?.kind) {
    case 'constant':
      return input.isOfSteps === true;
    case 'stream':
      return (
        !isTimeKnown &&
        !isOneStep &&
        (operator === 'Shape' || operator === 'Size') &&
        timeAxis(input.axes) >= 0
      );
    default:
      return false;
  }
}
