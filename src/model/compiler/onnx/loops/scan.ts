import { axisOf, type Operator } from '../operators/operator.js';
import type { Scope } from '../scope.js';
import { axesOf, sliced, streamOf, transposed } from '../values/gathered.js';
import { plain, type Stream, type Value } from '../values/value.js';
import type { NodeContext } from '../node-context.js';
import { runRecurrence, type RunStep } from './recurrence.js';

/** Scan over the steps of a window, of opset 9 and later. */
export const scanOf =
  (scope: Scope, run: RunStep): Operator =>
  (node) => {
    const { options } = node;
    if (node.terms.opset < 9) {
      throw options.refused('Scan of an opset below 9 is not supported');
    }
    const graph = options.graph('body');
    const scans = options.int('num_scan_inputs', 1);
    const count = node.inputs.length - scans;
    const names = graph.inputs.map(({ name }) => name);
    const given = graph.outputs.map(({ name }) => name);
    if (scans < 1 || count < 0 || names.length !== node.inputs.length || given.length < count) {
      throw options.malformed('its body does not take what it is given');
    }
    const inputDirections = options.ints('scan_input_directions') ?? [];
    const inputAxes = options.ints('scan_input_axes') ?? [];
    const steps = names.slice(count).map((name, i) => ({
      name,
      of: inDirection(
        node,
        timeFirst(node, node.stream(count + i), inputAxes[i] ?? 0),
        inputDirections[i],
      ),
    }));
    const inner = scope.inner();
    inner.declare(graph.initializers);
    const result = runRecurrence(
      node,
      {
        nodes: graph.nodes,
        scope: inner,
        steps,
        states: names.slice(0, count).map((before, i) => ({
          before,
          after: given[i] ?? '',
          initial: node.input(i),
        })),
        outputs: given.slice(count),
      },
      run,
    );
    node.streaming = node.isStep ? 'state carried' : 'whole window';
    const outputDirections = options.ints('scan_output_directions') ?? [];
    const outputAxes = options.ints('scan_output_axes') ?? [];
    return [
      ...result.states,
      ...result.outputs.map((value, i) =>
        timeAt(node, inDirection(node, streamOf(value), outputDirections[i]), outputAxes[i] ?? 0),
      ),
    ];
  };

/** The steps, which are the first axis, in the direction of a scan: from the last to the first where it is 1. */
function inDirection(node: NodeContext, stream: Stream, direction = 0): Stream {
  return direction === 0 ? stream : fromLastToFirst(node, stream);
}

/**
 * The steps, which are the first axis, from the last to the first.
 *
 * @throws NeedsWindow step by step
 */
export function fromLastToFirst(node: NodeContext, stream: Stream): Stream {
  const [time = plain(1)] = stream.axes;
  node.requireWindow(
    'it goes over the window from its end to its beginning, so every output needs the whole window',
  );
  return streamOf(
    sliced(node, stream, 0, { from: time.size - 1, step: -1, count: time.size }, time),
  );
}

/** The axis that is scanned in front of the others. */
export function timeFirst(node: NodeContext, stream: Stream, axis: number): Stream {
  const rank = stream.axes.length;
  const own = axisOf(node, axis, rank);
  const others = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== own);
  return own === 0 ? stream : streamOf(transposed(node, stream, [own, ...others]));
}

/** The first axis at another place. */
export function timeAt(node: NodeContext, value: Value, axis: number): Value {
  const rank = axesOf(value).length;
  const own = axisOf(node, axis, rank);
  const order = Array.from({ length: rank - 1 }, (_, i) => i + 1);
  order.splice(own, 0, 0);
  return own === 0 ? value : transposed(node, value, order);
}
