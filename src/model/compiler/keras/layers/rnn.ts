import { snakeCase } from '../../../../base/snake-case.js';
import { readLayerEntry } from '../graph/layer-entry.js';
import type { LayerBuilder, LayerContext } from '../layer-builder/layer-context.js';
import { LayerOptions } from '../layer-builder/layer-options.js';
import type { CellBuilder } from './cell.js';
import { gruCell, lstmCell, simpleRnnCell } from './cells.js';
import { recurrent, type LayerCell } from './recurrent.js';

const cellBuilders: ReadonlyMap<string, CellBuilder> = new Map([
  ['LSTMCell', lstmCell],
  ['GRUCell', gruCell],
  ['SimpleRNNCell', simpleRnnCell],
]);

/** RNN: over one cell, or over several, each of which feeds the next at the same step. */
export const rnn: LayerBuilder = (layer) => {
  const { name, options } = layer;
  const spec = readLayerEntry(options.raw('cell'));
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
      const { name: cellName, className } = readLayerEntry(entry);
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
  part: string,
): LayerCell {
  const { className, config, custom, name: cellName } = readLayerEntry(entry);
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
    part,
  };
}
