import type { Tensor } from '../../tensor.js';
import type { BuiltLayer, LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { requireSequence, requireValue } from '../layer-builder/layer-inputs.js';
import type { LayerOptions } from '../layer-builder/layer-options.js';
import type { WeightReader } from '../weights/weight-reader.js';
import type { ValueId } from '../../../plan/stream-plan.js';
import { ArrayMath } from '../../window-array.js';
import { appliedMask } from './applied-mask.js';
import type { BuiltCell, CellBuilder } from './cell.js';
import { Rows } from '../../operations/rows.js';
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
  if (readOptions(layer).isReversedHere) {
    return reversed(layer, cells);
  }
  const isFed = given.some(({ stateInput }) => stateInput === undefined);
  if (isFed) {
    builder.requireWindow(
      layer,
      'it begins with states that another layer computes from the whole window (initial_state)',
    );
  }
  const mask = appliedMask(layer, input);
  const isZeroed = options.boolean('zero_output_for_mask', false);
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
      mask,
      output: (units) => builder.value(units, isLast && !sequences ? 1 : steps),
    });
    if (cell.options !== options) {
      cell.options.finish();
    }
    value = built.value;
    size = built.units;
    const finals = carried(layer, built, isFed ? given.slice(states.length) : []);
    for (const [k, role] of built.roles.entries()) {
      states.push({
        value: finals[k] ?? value,
        size,
        form: role === 'h' || builder.kind === 'window' ? 'vector' : 'state',
        rate: input.rate,
        mask: null,
        carriedState: {
          layer: cell.name,
          role,
          fedBackThrough: isFed ? null : feedingInput(layer, given[states.length], size),
        },
      });
    }
  }
  if (given.length !== 0 && given.length !== states.length) {
    throw options.refused(`it begins with ${given.length} states, and has ${states.length}`);
  }
  const output: Tensor = {
    value: isZeroed && mask !== null ? zeroed(layer, value, size, mask) : value,
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

/**
 * Makes the operation that was just added begin with the states that are given, and gives its states
 * after the last step, where they are asked for.
 */
function carried(
  { name, options, builder }: LayerContext,
  { units, roles }: BuiltCell,
  given: readonly Tensor[],
): readonly ValueId[] {
  if (builder.kind !== 'window') {
    return [];
  }
  const initial = given.slice(0, roles.length);
  for (const state of initial) {
    if (state.form !== 'vector' || state.size !== units) {
      throw options.malformed(`one of the states that it begins with is not of ${units} floats`);
    }
  }
  const wantsStates = options.boolean('return_state', false);
  const final = wantsStates ? roles.map(() => builder.value(units, 1)) : [];
  builder.carryStates(
    initial.map(({ value }) => lastOf(value)),
    final,
  );
  return final;

  function lastOf(value: ValueId): ValueId {
    const steps = builder.kind === 'window' ? builder.stepsOf(value) : 1;
    return builder.kind === 'window' && steps > 1 ? builder.crop(name, value, steps - 1, 1) : value;
  }
}

/** The output with zeros at masked steps (zero_output_for_mask). */
function zeroed(
  { name, builder, options }: LayerContext,
  value: ValueId,
  size: number,
  mask: ValueId,
): ValueId {
  if (builder.kind === 'window' && builder.stepsOf(value) !== builder.stepsOf(mask)) {
    throw options.refused(
      'zero_output_for_mask=true with return_sequences=false is not supported where a mask reaches it',
    );
  }
  const kept = new Rows(builder, name, mask, 1);
  return new Rows(builder, name, value, size).merge('multiply', kept).value;
}

/** go_backwards: from the last step to the first, and so are the steps of the output. */
function reversed(layer: LayerContext, cells: readonly LayerCell[]): BuiltLayer {
  const builder = layer.builder.requireWindow(
    layer,
    'it runs from the end of the window to its beginning (go_backwards), so every output needs the whole window; mode sliding would work',
  );
  const { outputs, streaming } = builder.reversed(() => recurrent(layer, cells));
  const [output, ...states] = outputs;
  if (output?.form !== 'sequence') {
    return { outputs, streaming };
  }
  const math = new ArrayMath(builder, layer.name);
  const steps = builder.stepsOf(output.value);
  const turned = math.slice({ value: output.value, shape: [steps, output.size] }, 0, {
    from: steps - 1,
    step: -1,
    count: steps,
  });
  const value = math.asSteps(turned, output.size);
  return { outputs: [{ ...output, value }, ...states], streaming };
}

function readOptions({ options, builder }: LayerContext): { readonly isReversedHere: boolean } {
  options.only('time_major', false, 'the time axis must be the second one');
  options.ignore('cell', 'input_length', 'input_dim');
  const isBackwards = options.boolean('go_backwards', false);
  const isReverse = builder.kind === 'window' && builder.isReverse;
  if (isReverse && !isBackwards) {
    throw options.refused(
      'go_backwards=false: the backward layer of a Bidirectional must run backwards',
    );
  }
  return { isReversedHere: isBackwards && !isReverse };
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
      'initial_state: some of its states are inputs of the model and others come from layers, which is not supported',
    );
  }
  if (given.size !== size) {
    throw options.malformed(
      `its state of ${size} begins with input "${given.stateInput.name}" of ${given.size}`,
    );
  }
  return given.stateInput.name;
}
