import { isObject } from '../../../../base/json.js';
import { layerSpec } from '../graph/topology.js';
import {
  cudnnGruCell,
  cudnnLstmCell,
  gruCell,
  lstmCell,
  simpleRnnCell,
  type CellBuilder,
} from './cells.js';
import { plain, sequential } from '../layer-builder/layer-inputs.js';
import { LayerOptions } from '../layer-builder/layer-options.js';
import type {
  BuiltLayer,
  LayerBuilder,
  LayerContext,
  Tensor,
} from '../layer-builder/layer-builder.js';
import type { WeightReader } from '../layer-builder/weight-reader.js';
import { snakeCase } from '../../../../base/snake-case.js';

interface Cell {
  readonly name: string;
  readonly build: CellBuilder;
  readonly options: LayerOptions;
  readonly weights: WeightReader;
  readonly place: string;
}

/** A layer of one cell, whose options are the layer's own. */
const layerOf =
  (build: CellBuilder, place: string): LayerBuilder =>
  (layer) => {
    const { name, options, weights } = layer;
    return recurrent(layer, [{ name, build, options, weights, place }]);
  };

export const lstm = layerOf(lstmCell, 'cell');
export const gru = layerOf(gruCell, 'cell');
export const simpleRnn = layerOf(simpleRnnCell, 'cell');
export const cudnnLstm = layerOf(cudnnLstmCell, '');
export const cudnnGru = layerOf(cudnnGruCell, '');

const cellBuilders: ReadonlyMap<string, CellBuilder> = new Map([
  ['LSTMCell', lstmCell],
  ['GRUCell', gruCell],
  ['SimpleRNNCell', simpleRnnCell],
]);

/** RNN: over one cell, or over several, each of which feeds the next at the same step. */
export const rnn: LayerBuilder = (layer) => {
  const { name, options } = layer;
  const spec = layerSpec(options.raw('cell'));
  if (spec.className !== 'StackedRNNCells') {
    return recurrent(layer, [cellOf(layer, options.raw('cell'), name, 'cell')]);
  }
  const stack = new LayerOptions(`${options.label}, ${spec.className}`, spec.config);
  stack.ignore('reverse_state_order');
  const cells = stack.raw('cells');
  if (!Array.isArray(cells) || cells.length === 0) {
    throw stack.malformed('it has no cells');
  }
  stack.finish();
  const seen = new Map<string, number>();
  return recurrent(
    layer,
    cells.map((entry: unknown) => {
      const { name: cellName, className } = layerSpec(entry);
      const base = snakeCase(className);
      const ordinal = seen.get(base) ?? 0;
      seen.set(base, ordinal + 1);
      const numbered = ordinal === 0 ? base : `${base}_${ordinal}`;
      return cellOf(layer, entry, `${name}/${cellName}`, `cell/cells/${numbered}`);
    }),
  );
};

function cellOf(
  { options, weights }: LayerContext,
  entry: unknown,
  name: string,
  place: string,
): Cell {
  const { className, config, custom, name: cellName } = layerSpec(entry);
  const build = custom === null ? cellBuilders.get(className) : undefined;
  if (build === undefined) {
    throw options.refused(`cell=${className}: only LSTM, GRU and SimpleRNN cells are supported`);
  }
  const label = `${options.label}, ${className} "${cellName}"`;
  return {
    name,
    build,
    options: new LayerOptions(label, config),
    weights: weights.part(cellName, label, ''),
    place,
  };
}

/** h (and c) are carried from step to step. */
function recurrent(layer: LayerContext, cells: readonly Cell[]): BuiltLayer {
  const { kerasMajor, options, builder } = layer;
  const [input, ...given] = [...layer.inputs, ...layer.initialState];
  if (input === undefined) {
    throw options.malformed('it has no input');
  }
  plain(layer, input);
  sequential(layer, input);
  readOptions(layer, input);
  const sequences = options.boolean('return_sequences', false);
  const steps = builder.kind === 'window' ? builder.stepsOf(input.value) : null;

  let flow = input.value;
  let size = input.size;
  const states: Tensor[] = [];
  for (const [i, cell] of cells.entries()) {
    const isLast = i === cells.length - 1;
    const built = cell.build({
      ...cell,
      kerasMajor,
      builder,
      input: flow,
      inputSize: size,
      mask: input.mask,
      output: (units) => builder.value(units, isLast && !sequences ? 1 : steps),
    });
    if (cell.options !== options) {
      cell.options.finish();
    }
    flow = built.value;
    size = built.units;
    for (const role of built.roles) {
      states.push({
        value: flow,
        size,
        form: role === 'h' ? 'vector' : 'state',
        cadence: input.cadence,
        mask: null,
        carriedBy: { layer: cell.name, role, fedBy: feeder(layer, given[states.length], size) },
      });
    }
  }
  if (given.length !== 0 && given.length !== states.length) {
    throw options.refused(`it begins with ${given.length} states, and has ${states.length}`);
  }
  const output: Tensor = {
    value: flow,
    size,
    form: sequences ? 'sequence' : 'vector',
    cadence: input.cadence,
    mask: sequences ? input.mask : null,
  };
  return {
    outputs: options.boolean('return_state', false)
      ? [output, ...states.map((state) => lastStep(layer, state))]
      : [output],
    streaming: 'state carried',
  };
}

function readOptions({ options, builder }: LayerContext, input: Tensor): void {
  options.only('time_major', false, 'the time axis must be the second one');
  options.ignore('cell', 'input_length', 'input_dim');
  const isBackwards = options.boolean('go_backwards', false);
  if (isBackwards !== (builder.kind === 'window' && builder.isReverse)) {
    throw options.refused(
      `go_backwards=${isBackwards}: it would need the samples to come first that come last`,
    );
  }
  if (options.boolean('zero_output_for_mask', false) && input.mask !== null) {
    throw options.refused('zero_output_for_mask=true: masked steps of zeros are not supported');
  }
}

/** The InputLayer that a state is fed back through; only such states are the stream's own. */
function feeder({ options }: LayerContext, given: Tensor | undefined, size: number): string | null {
  if (given === undefined) {
    return null;
  }
  if (given.form !== 'state' || given.fedBy === undefined) {
    throw options.refused(
      'initial_state: it begins with what another layer computes; only states that are inputs and outputs of the model are supported',
    );
  }
  if (given.size !== size) {
    throw options.malformed(
      `its state of ${size} begins with input "${given.fedBy}" of ${given.size}`,
    );
  }
  return given.fedBy;
}

/** A state is what the last step left. */
export function lastStep({ name, builder }: LayerContext, tensor: Tensor): Tensor {
  if (builder.kind !== 'window' || tensor.form === 'state') {
    return tensor;
  }
  const steps = builder.stepsOf(tensor.value);
  if (steps === 1) {
    return tensor;
  }
  const output = builder.value(tensor.size, 1);
  builder.addWindowOp({
    kind: 'crop',
    layer: name,
    input: tensor.value,
    output,
    before: steps - 1,
  });
  return { ...tensor, value: output };
}

/** A recurrent layer's configuration, turned to run from the last step to the first. */
export function backwards(entry: unknown): unknown {
  if (!isObject(entry) || !isObject(entry['config'])) {
    return entry;
  }
  const { name } = entry['config'];
  return {
    ...entry,
    config: {
      ...entry['config'],
      go_backwards: true,
      name: typeof name === 'string' ? `backward_${name.replace(/^forward_/, '')}` : name,
    },
  };
}
