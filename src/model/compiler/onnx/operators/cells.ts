import type { Activation } from '../../../plan/stream-plan.js';
import { addGru, addLstm, addSimpleRnn, type CellSite } from '../../operations/cell.js';
import type { NodeContext } from '../node-context.js';
import { gateWeights, summedBias, type GateTensors } from './gate-weights.js';

/** A recurrent operator of the standard. */
export interface OnnxCell {
  readonly gates: number;
  /** Default functions of one direction. */
  readonly activations: readonly string[];
  readonly roles: readonly ('h' | 'c')[];
  /** Reads the attributes that only it has; returns the activation of its candidate. */
  readonly candidate: (node: NodeContext, activations: readonly Activation[]) => Activation;
  /** Adds the operation of one direction. */
  readonly add: (
    node: NodeContext,
    site: CellSite,
    tensors: GateTensors,
    direction: number,
    activations: readonly Activation[],
  ) => void;
}

/** LSTM: gates i, o, f, c; the plan's are i, f, c, o. */
export const lstmCell: OnnxCell = {
  gates: 4,
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  roles: ['h', 'c'],
  candidate: (node, [, g, h]) => {
    if (JSON.stringify(g) !== JSON.stringify(h)) {
      throw node.options.refused(
        'activations with one function for the candidate and another for the state are not supported',
      );
    }
    return g ?? { kind: 'tanh' };
  },
  add: (node, site, tensors, direction, [f]) => {
    const weights = gateWeights(node, tensors, direction, [0, 2, 3, 1]);
    const recurrentActivation = f ?? { kind: 'sigmoid' };
    const parts = {
      kernel: weights.kernel,
      recurrentKernel: weights.recurrentKernel,
      bias: summedBias(weights),
      recurrentActivation,
    };
    if (node.options.int('input_forget', 0) === 1) {
      forgetByInput(node, parts, site.units);
    }
    addLstm(site, parts);
  },
};

/** `f = 1 - i`, where the gates are a sigmoid: `1 - sigmoid(x) = sigmoid(-x)`. The weights are changed in place. */
function forgetByInput(
  node: NodeContext,
  parts: {
    readonly kernel: Float32Array;
    readonly recurrentKernel: Float32Array;
    readonly bias: Float32Array | null;
    readonly recurrentActivation: Activation;
  },
  units: number,
): void {
  if (parts.recurrentActivation.kind !== 'sigmoid') {
    throw node.options.refused('input_forget=1 is supported for gates that are a Sigmoid');
  }
  for (const matrix of [parts.kernel, parts.recurrentKernel, parts.bias ?? new Float32Array(0)]) {
    for (let row = 0; row < matrix.length; row += 4 * units) {
      for (let i = row; i < row + units; i += 1) {
        matrix[i + units] = -(matrix[i] ?? 0);
      }
    }
  }
}

/** GRU: gates z, r, h, as the plan's. */
export const gruCell: OnnxCell = {
  gates: 3,
  activations: ['Sigmoid', 'Tanh'],
  roles: ['h'],
  candidate: (_, [, g]) => g ?? { kind: 'tanh' },
  add: (node, site, tensors, direction, [f]) => {
    const weights = gateWeights(node, tensors, direction, [0, 1, 2]);
    const resetAfter = node.options.int('linear_before_reset', 0) === 1;
    addGru(site, {
      kernel: weights.kernel,
      recurrentKernel: weights.recurrentKernel,
      bias: resetAfter ? weights.inputBias : summedBias(weights),
      recurrentBias: resetAfter ? weights.stateBias : null,
      resetAfter,
      recurrentActivation: f ?? { kind: 'sigmoid' },
    });
  },
};

/** RNN: one gate. */
export const rnnCell: OnnxCell = {
  gates: 1,
  activations: ['Tanh'],
  roles: ['h'],
  candidate: (_, [f]) => f ?? { kind: 'tanh' },
  add: (node, site, tensors, direction) => {
    const weights = gateWeights(node, tensors, direction, [0]);
    addSimpleRnn(site, {
      kernel: weights.kernel,
      recurrentKernel: weights.recurrentKernel,
      bias: summedBias(weights),
    });
  },
};
