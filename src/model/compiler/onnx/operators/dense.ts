import type { NodeContext } from '../node-context.js';
import { plain, type Axis, type Stream } from '../values/value.js';
import { isForOneWindow } from '../values/window-length.js';

/** A matrix (inputs, units) and a bias, row-major. */
interface Weights {
  readonly kernel: Float32Array;
  readonly inputs: number;
  readonly units: number;
  readonly bias: Float32Array | null;
}

/** `x W + b` over the last axis. */
export function dense(
  node: NodeContext,
  stream: Stream,
  { kernel, inputs, units, bias }: Weights,
): Stream {
  const { options } = node;
  const { axes, rate } = stream;
  const last = axes.at(-1) ?? plain(1);
  if (last.size !== inputs) {
    throw options.malformed(
      `its input has ${last.size} features, and its weights are for ${inputs}; where one ${isForOneWindow}`,
    );
  }
  if (last.kind === 'batch') {
    throw options.refused('it mixes the lanes of the batch: export the model with a batch of 1');
  }
  const result: Axis[] = [...axes.slice(0, -1), plain(units)];
  if (node.isStep && stream.flat !== undefined) {
    return overWindow(node, stream, { kernel, inputs, units, bias }, result);
  }
  if (last.kind === 'time') {
    node.requireWindow('it weighs the steps of a window against each other');
  }
  node.streaming = node.isStep ? 'pointwise' : 'whole window';
  const array = node.math.dense(node.array(stream), inputs, units, { kernel, bias });
  return { kind: 'stream', axes: result, value: array.value, rate };
}

/** A product with the whole of a flattened window is a sum over time. */
function overWindow(
  node: NodeContext,
  stream: Stream,
  { kernel, units, bias }: Weights,
  axes: readonly Axis[],
): Stream {
  const { builder, name } = node;
  const { flat, rate } = stream;
  if (flat === undefined) {
    throw new RangeError('only a flattened window is summed up');
  }
  const { value: from } = node.array(stream);
  const output = builder.valueLike(from, units);
  builder.add({
    kind: 'timeDense',
    layer: name,
    input: from,
    output,
    kernel: stepsFirst(kernel, flat, units),
    bias,
    activation: { kind: 'linear' },
    accOffset: builder.reserveState(name, 'accumulator', units),
    positionOffset: builder.reserveState(name, 'counter', 1),
  });
  builder.ruleOut(
    ['continuous'],
    flat.by,
    `layer "${name}" has other weights for each of ${flat.steps} steps, so there is no output without a window`,
  );
  node.streaming = 'sum over time';
  return { kind: 'stream', axes, value: output, rate };
}

/** Rows in the order (before, steps, after) put into that of (steps, before, after). */
function stepsFirst(
  kernel: Float32Array,
  {
    before,
    steps,
    after,
  }: { readonly before: number; readonly steps: number; readonly after: number },
  units: number,
): Float32Array {
  if (before === 1) {
    return kernel;
  }
  const run = after * units;
  const result = new Float32Array(kernel.length);
  for (let step = 0; step < steps; step += 1) {
    for (let i = 0; i < before; i += 1) {
      const from = (i * steps + step) * run;
      result.set(kernel.subarray(from, from + run), (step * before + i) * run);
    }
  }
  return result;
}
