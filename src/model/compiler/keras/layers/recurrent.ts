import type { Tensor } from '../../tensor.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireSequence, requireValue } from '../layer-builder/layer-inputs.js';
import type { LayerOptions } from '../layer-builder/layer-options.js';
import type { WeightReader } from '../weights/weight-reader.js';
import type { CellBuilder } from './cell.js';
import { gruCell, lstmCell, simpleRnnCell } from './cells.js';
import { cudnnGruCell, cudnnLstmCell } from './cudnn-cells.js';
import { lastStep } from './last-step.js';

/** A cell of a recurrent layer, before it is built. */
export interface LayerCell {
  /** The layer that its states are named after. */
  readonly name: string;
  readonly build: CellBuilder;
  /** Its own, or those of the layer. */
  readonly options: LayerOptions;
  readonly weights: WeightReader;
  /** Part of the layer where its weights lie; empty for the layer itself. */
  readonly part: string;
}

/** A layer that is one cell: the options are the layer's own. */
const layerOf =
  (build: CellBuilder, part: string): LayerBuilder =>
  (layer) => {
    const { name, options, weights } = layer;
    return recurrent(layer, [{ name, build, options, weights, part }]);
  };

export const lstm = layerOf(lstmCell, 'cell');
export const gru = layerOf(gruCell, 'cell');
export const simpleRnn = layerOf(simpleRnnCell, 'cell');
export const cudnnLstm = layerOf(cudnnLstmCell, '');
export const cudnnGru = layerOf(cudnnGruCell, '');

/**
 * Builds a recurrent layer: at each step every cell feeds the next, and the states are carried to
 * the next step.
 */
export function recurrent(layer: LayerContext, cells: readonly LayerCell[]): BuiltLayer {
  const { kerasMajor, options, builder } = layer;
  const [input, ...given] = [...layer.inputs, ...layer.initialState];
  if (input === undefined) {
    throw options.malformed('it has no input');
  }
  requireValue(layer, input);
  requireSequence(layer, input);
  readOptions(layer, input);
  const sequences = options.boolean('return_sequences', false);
  const steps = builder.kind === 'window' ? builder.stepsOf(input.value) : null;

  let value = input.value;
  let size = input.size;
  const states: Tensor[] = [];
  for (const [i, cell] of cells.entries()) {
    const isLast = i === cells.length - 1;
    const built = cell.build({
      ...cell,
      kerasMajor,
      builder,
      input: value,
      inputSize: size,
      mask: input.mask,
      output: (units) => builder.value(units, isLast && !sequences ? 1 : steps),
    });
    if (cell.options !== options) {
      cell.options.finish();
    }
    value = built.value;
    size = built.units;
    for (const role of built.roles) {
      states.push({
        value,
        size,
        form: role === 'h' ? 'vector' : 'state',
        rate: input.rate,
        mask: null,
        carriedState: {
          layer: cell.name,
          role,
          fedBackThrough: feedingInput(layer, given[states.length], size),
        },
      });
    }
  }
  if (given.length !== 0 && given.length !== states.length) {
    throw options.refused(`it begins with ${given.length} states, and has ${states.length}`);
  }
  const output: Tensor = {
    value,
    size,
    form: sequences ? 'sequence' : 'vector',
    rate: input.rate,
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

/**
 * The name of the model's input that gives a recurrent layer its first state; null where there is
 * none, and the state begins with zeros.
 *
 * @param given the tensor that the layer is called with for that state
 */
function feedingInput(
  { options }: LayerContext,
  given: Tensor | undefined,
  size: number,
): string | null {
  if (given === undefined) {
    return null;
  }
  if (given.form !== 'state' || given.stateInput === undefined) {
    throw options.refused(
      'initial_state: it begins with what another layer computes; only states that are inputs and outputs of the model are supported',
    );
  }
  if (given.size !== size) {
    throw options.malformed(
      `its state of ${size} begins with input "${given.stateInput.name}" of ${given.size}`,
    );
  }
  return given.stateInput.name;
}
