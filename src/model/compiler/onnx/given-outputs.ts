import { printableName } from '../../../base/printable-text.js';
import type { OnnxNode } from '../../source/onnx-source.js';
import type { NodeAttributes } from './node-attributes.js';
import type { Scope } from './scope.js';
import type { Value } from './values/value.js';

/** @throws LstmdError `model.malformed` for a name that has a value already */
export function give(scope: Scope, options: NodeAttributes, output: string, value: Value): void {
  if (scope.hasOwn(output)) {
    throw options.malformed(`it gives "${printableName(output)}", which is given already`);
  }
  scope.set(output, value);
}

/** Gives the outputs of a node what the graph in it gives by some names. */
export function giveAll(
  scope: Scope,
  options: NodeAttributes,
  { outputs }: OnnxNode,
  inner: Scope,
  names: readonly string[],
): void {
  for (const [i, name] of names.entries()) {
    const value = inner.get(name);
    const output = outputs[i] ?? '';
    if (value !== undefined && output !== '') {
      give(scope, options, output, value);
    }
  }
}
