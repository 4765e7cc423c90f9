import { LstmdError } from '../../../base/errors.js';
import { printableName, printableText } from '../../../base/printable-text.js';
import type { InputOptions } from '../../plan/input-options.js';
import type { ModelInput } from '../../plan/model-input.js';
import type { OnnxSource } from '../../source/onnx-source.js';
import { inputsInOrder, mappedInputs } from '../fed-inputs.js';
import { WindowBuilder } from '../window-builder.js';
import { AxisConflict } from './axis-conflict.js';
import { buildGraph } from './build-graph.js';
import type { ClassNodes } from './class-numbers.js';
import { layoutText, possibleLayouts, type InputLayout } from './input-layout.js';
import { trialSteps } from './trial-length.js';
import type { GraphInputs } from './sensor-input.js';

type ScoredSource = OnnxSource & { readonly classNodes: ClassNodes };

/** The options that tell the axes; `window`: steps of a window that the user asks for. */
export interface LayoutOptions extends InputOptions {
  readonly window?: number | undefined;
}

/** Holds what the axes of each of the sensor's inputs are, and what flows into it. */
interface FoundLayouts {
  readonly layouts: readonly InputLayout[];
  readonly fed: readonly ModelInput[];
  /** Nodes that were computed as the model was loaded. */
  readonly folded: number;
}

/**
 * Finds what the axes of the inputs are: those with which every operator that has a time axis of its own gets it. Where
 * there is none, the options or the file's own name of the axis tell.
 *
 * @throws LstmdError `model.refused` where none fits, or nothing in the graph tells
 */
export function findLayouts(
  source: ScoredSource,
  inputs: GraphInputs,
  options: LayoutOptions,
): FoundLayouts {
  const candidates = possibleLayouts(inputs, source.graph, options);
  const faults: { readonly fault: LstmdError; readonly layouts: readonly InputLayout[] }[] = [];
  const told =
    options.inputAxes !== undefined
      ? candidates[0]
      : hasAnchor(source)
        ? undefined
        : candidates.find(isNamed);
  for (const layouts of candidates) {
    const fed = fedBy(inputs, layouts, options);
    let anchors = 0;
    const anchored = (): void => {
      anchors += 1;
    };
    try {
      const folded = tried(source, inputs, { layouts, fed, asked: options.window }, anchored);
      if (anchors > 0 || layouts === told) {
        return { layouts, fed, folded };
      }
    } catch (fault) {
      if (!(fault instanceof LstmdError)) {
        throw fault;
      }
      if (anchors > 0 && !(fault instanceof AxisConflict)) {
        // The axes are right, and something else is not: other axes would only hide it.
        return { layouts, fed, folded: 0 };
      }
      faults.push({ fault, layouts });
    }
  }
  if (told !== undefined) {
    // Its weights may be for one window, which is not the one that was tried: the window that is asked for tells.
    return { layouts: told, fed: fedBy(inputs, told, options), folded: 0 };
  }
  const label = `input "${printableName(inputs.sensors[0]?.name ?? '')}"`;
  if (!hasAnchor(source)) {
    throw new LstmdError('model.refused', `${label}: ${noAnchor(candidates[0]?.[0])}`);
  }
  const plain = faults.find(({ fault }) => !(fault instanceof AxisConflict)) ?? faults[0];
  if (plain !== undefined) {
    throw plain.layouts === candidates[0] ? plain.fault : withAxes(plain.fault, plain.layouts[0]);
  }
  throw new LstmdError(
    'model.refused',
    `${label}: nothing in the graph tells which of its axes is the time: no LSTM, GRU, RNN or convolution gets its samples step by step; ${sayAxes(candidates[0]?.[0])}`,
  );
}

function isNamed(layouts: readonly InputLayout[]): boolean {
  return layouts.every(({ isTimeNamed }) => isTimeNamed);
}

/** The way out where nothing in a file tells the axes: those that an input of so many may have. */
function sayAxes(layout: InputLayout | undefined): string {
  const axes = layout?.axes.length === 2 ? ['batch', 'features'] : ['batch', 'time', 'features'];
  const isSample = layout?.axes.length === 2 ? ' where each call takes one sample' : '';
  return `say its axes in their order, such as model.axes: [${axes.join(', ')}] (--model-axes ${axes.join(',')})${isSample}`;
}

/** A fault under axes that are not the most common ones: these may be others, which nobody has found. */
function withAxes({ code, message }: LstmdError, layout: InputLayout | undefined): LstmdError {
  const axes = layout === undefined ? '' : layoutText(layout);
  return new LstmdError(
    code,
    `${message}; its axes were taken for (${axes}): where they are others, ${sayAxes(layout)}`,
  );
}

function fedBy(
  { sensors }: GraphInputs,
  layouts: readonly InputLayout[],
  { inputs }: InputOptions,
): ModelInput[] {
  const named = sensors.map(({ name }, i) => ({
    name,
    key: printableText(name),
    width: layouts[i]?.features ?? 1,
  }));
  const fed = inputs === undefined ? inputsInOrder(named) : mappedInputs(named, inputs);
  return fed.map(({ name, features }) => ({ name: printableText(name), features }));
}

/** Operators with a time axis of their own. */
const anchorOperators: ReadonlySet<string> = new Set([
  'LSTM',
  'GRU',
  'RNN',
  'Conv',
  'ConvTranspose',
  'MaxPool',
  'AveragePool',
  'Loop',
  'Scan',
  'WrittenLoop',
]);

function hasAnchor({ graph, functions }: OnnxSource): boolean {
  return [graph, ...functions].some(({ nodes }) =>
    nodes.some(
      ({ operator, domain }) => domain !== '' || anchorOperators.has(operator) || operator === 'If',
    ),
  );
}

/** Says why nothing tells the axes, and the way out. */
function noAnchor(layout: InputLayout | undefined): string {
  return `the graph has no LSTM, GRU, RNN or convolution, so that nothing tells which of its axes is the time: give that axis the name "time" and export it again, torch.onnx.export(..., dynamic_axes={"x": {0: "batch", 1: "time"}}), and say its window (model.window, --window); or ${sayAxes(layout)}`;
}

/** Builds the graph with a layout; returns how many nodes were computed as it was built. */
function tried(
  source: ScoredSource,
  inputs: GraphInputs,
  {
    layouts,
    fed,
    asked,
  }: Pick<FoundLayouts, 'layouts' | 'fed'> & { readonly asked: number | undefined },
  anchored: () => void,
): number {
  const isOneStep = layouts.every((layout) => layout.isOneStep);
  const said = layouts.find((layout) => layout.steps !== null)?.steps ?? asked;
  const trial = isOneStep || said !== undefined ? undefined : trialSteps;
  const steps = said ?? trialSteps;
  const builder = new WindowBuilder(isOneStep ? 1 : steps);
  return buildGraph(source, inputs, layouts, fed, builder, { anchored, trial }).folded;
}
