import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { programOf } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import type { Mode, StreamPlan } from '#src/model/plan/stream-plan.js';
import { kerasHdf5, loadBytes, weight, type Weight, type WrittenLayer } from './model-writer.js';

/** A layer with weights of these shapes. */
export function made(
  className: string,
  config: Readonly<Record<string, unknown>> & { readonly name: string },
  ...shapes: readonly number[][]
): WrittenLayer {
  return { class_name: className, config, weights: shapes.map((shape) => weight(...shape)) };
}

/** A layer that takes these; of several outputs `layer:1` is the second. */
export function fed(layer: WrittenLayer, ...inputs: readonly string[]): WrittenLayer {
  const node = inputs.map((input) => {
    const [name, tensor = '0'] = input.split(':');
    return [name, 0, Number(tensor), {}];
  });
  return { ...layer, outer: { ...layer.outer, inbound_nodes: [node] } };
}

export function entryOf({ class_name, config, outer }: WrittenLayer): Record<string, unknown> {
  return { class_name, name: config.name, config, inbound_nodes: [], ...outer };
}

/** The configuration of a functional model. */
export function functional(
  name: string,
  layers: readonly WrittenLayer[],
  inputs: readonly string[],
  outputs: readonly (string | readonly [string, number, number])[],
): Record<string, unknown> {
  return {
    class_name: 'Functional',
    config: {
      name,
      layers: layers.map(entryOf),
      input_layers: inputs.map((input) => [input, 0, 0]),
      output_layers: outputs.map((output) =>
        typeof output === 'string' ? [output, 0, 0] : [...output],
      ),
    },
  };
}

/** Loads layers as a Sequential, or as the functional model whose outputs are these. */
export async function load(
  layers: readonly WrittenLayer[],
  outputs?: readonly (string | readonly [string, number, number])[],
  kerasVersion = '3.1.0',
): Promise<StreamPlan> {
  const inputs = layers
    .filter(({ class_name }) => class_name === 'InputLayer')
    .map(({ config }) => config.name);
  const model = { kerasVersion, layers };
  return loadBytes(
    await kerasHdf5(
      outputs === undefined
        ? model
        : { ...model, architecture: functional('graph', layers, inputs, outputs) },
    ),
  );
}

/** Rows of outputs by sample, null where there is none, over samples that say nothing in particular. */
export function rowsOf(
  plan: StreamPlan,
  mode: Mode,
  input: readonly (readonly number[])[],
): (number[] | null)[] {
  const program = programOf(plan, { mode });
  const arrays = createStepArrays(program, input.length);
  const { output, flags } = arrays;
  arrays.input.set(input.flat());
  createReferenceEngine(program).bind(arrays)(input.length);
  return input.map((_, n) =>
    ((flags[n] ?? 0) & 1) === 0
      ? null
      : [...output.subarray(n * program.outputSize, (n + 1) * program.outputSize)],
  );
}

/** `count` samples of `features`, each another. */
export function samples(count: number, features = 3): number[][] {
  return Array.from({ length: count }, (_, n) =>
    Array.from({ length: features }, (_unused, i) => Math.sin(1 + 3 * n + 7 * i)),
  );
}

export function filled(shape: readonly number[], ...values: readonly number[]): Weight {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    data: Float32Array.from({ length: size }, (_, i) => values[i % values.length] ?? 0),
  };
}
