import assert from 'node:assert/strict';
import { messageOf } from '#src/base/errors.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { programOf } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import type { Mode, StreamPlan } from '#src/model/plan/stream-plan.js';
import {
  inputLayer,
  kerasHdf5,
  loadBytes,
  weight,
  type Weight,
  type WrittenLayer,
} from './model-writer.js';

/** A layer with weights of these shapes. */
export function weightedLayer(
  className: string,
  config: Readonly<Record<string, unknown>> & { readonly name: string },
  ...shapes: readonly number[][]
): WrittenLayer {
  return { class_name: className, config, weights: shapes.map((shape) => weight(...shape)) };
}

/** A layer whose inputs are the outputs of these layers; `layer:1` names the second output of one. */
export function fedBy(layer: WrittenLayer, ...inputs: readonly string[]): WrittenLayer {
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

/** Loads layers as a Sequential, or, where outputs are given, as a functional model with these. */
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

/** The rows of outputs that the reference engine gives for each sample; null where there is none. */
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

/** `count` samples of `features` floats, no two alike. */
export function samples(count: number, features = 3): number[][] {
  return Array.from({ length: count }, (_, n) =>
    Array.from({ length: features }, (_unused, i) => Math.sin(1 + 3 * n + 7 * i)),
  );
}

/** A weight of a shape whose numbers repeat these values. */
export function filled(shape: readonly number[], ...values: readonly number[]): Weight {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    data: Float32Array.from({ length: size }, (_, i) => values[i % values.length] ?? 0),
  };
}

/** Asserts that a graph of these layers behind an input is refused with such a message. */
export async function refused(
  layers: readonly WrittenLayer[],
  outputs: readonly string[],
  message: RegExp,
): Promise<void> {
  await assert.rejects(load([inputLayer(8), ...layers], outputs), (error) =>
    message.test(messageOf(error)),
  );
}
