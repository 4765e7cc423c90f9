import type { NodeContext } from '../node-context.js';
import type { Axis } from '../values/value.js';
import { isForOneWindow } from '../values/window-length.js';

/** The axes of what two tensors are broadcast to. */
export function broadcastAxes(
  node: NodeContext,
  a: readonly Axis[],
  b: readonly Axis[],
): readonly Axis[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i): Axis => {
    const [left, right] = [a[i - rank + a.length], b[i - rank + b.length]];
    if (left === undefined || right === undefined) {
      return left ?? right ?? { size: 1, kind: 'plain' };
    }
    if (left.size !== right.size && left.size !== 1 && right.size !== 1) {
      throw node.options.malformed(
        `its inputs of shapes [${sizes(a)}] and [${sizes(b)}] do not fit; where one ${isForOneWindow}`,
      );
    }
    const wider = left.size === 1 ? right : left;
    return wider.kind === 'plain' && left.size === right.size && right.kind !== 'plain'
      ? right
      : wider;
  });
}

function sizes(axes: readonly Axis[]): string {
  return axes.map(({ size }) => size).join(', ');
}
