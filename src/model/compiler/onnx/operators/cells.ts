import type { Activation } from '../../../plan/stream-plan.js';
import { addGru, addLstm, addSimpleRnn, type CellSite } from '../../operations/cell.js';
import type { NodeContext } from '../node-context.js';
import { gateWeights, readPeepholes, summedBias, type GateTensors } from './gate-weights.js';
import { readActivations } from './recurrent-activation.js';

/** A recurrent operator of the standard. */
export interface OnnxCell {
  readonly gates: number;
  /** Their order, and that of PyTorch; null for one gate. */
  readonly gateNames: string | null;
  readonly roles: readonly ('h' | 'c')[];
  /** Says what is to be known of a node beside how it streams. */
  readonly remarks?: (node: NodeContext) => readonly string[];
  /** Reads the attributes and weights of each direction. */
  readonly read: (
    node: NodeContext,
    tensors: GateTensors,
    directions: number,
  ) => readonly CellPart[];
}

/** One direction of a recurrent node. */
export interface CellPart {
  /** The function of the candidate. */
  readonly activation: Activation;
  /**
   * Adds its operation.
   *
   * @returns the offset of c in the state; null where it has none
   */
  readonly add: (site: CellSite) => number | null;
}

/** LSTM: gates i, o, f, c; the plan's are i, f, c, o. */
export const lstmCell: OnnxCell = {
  gates: 4,
  gateNames: "i o f c of PyTorch's i f g o",
  roles: ['h', 'c'],
  read: (node, tensors, directions) => {
    const activations = readActivations(node, ['Sigmoid', 'Tanh', 'Tanh'], directions);
    const clip = readClip(node);
    const isCoupled = node.options.flag('input_forget');
    const peepholes = readPeepholes(node, tensors.units, directions);
    return activations.map(([f, g, h], direction) => {
      const weights = gateWeights(node, tensors, direction, [0, 2, 3, 1]);
      const peephole = peepholes?.[direction];
      const activation = g ?? { kind: 'tanh' };
      const stateActivation = h ?? activation;
      const isOneFunction = JSON.stringify(activation) === JSON.stringify(stateActivation);
      return {
        activation,
        add: (site) =>
          addLstm(site, {
            kernel: weights.kernel,
            recurrentKernel: weights.recurrentKernel,
            bias: summedBias(weights),
            recurrentActivation: f ?? { kind: 'sigmoid' },
            ...clip,
            ...(peephole === undefined ? {} : { peepholes: peephole }),
            ...(isOneFunction ? {} : { stateActivation }),
            ...(isCoupled ? { isCoupled } : {}),
          }),
      };
    });
  },
};

/** GRU: gates z, r, h, as the plan's. */
export const gruCell: OnnxCell = {
  gates: 3,
  gateNames: "z r h of PyTorch's r z n",
  roles: ['h'],
  // pytorch#189225: some versions of the dynamo exporter leave out that PyTorch's own GRU resets after the product.
  remarks: (node) =>
    node.terms.isPyTorch && !node.options.flag('linear_before_reset')
      ? ['linear_before_reset=0 as the file says, which nn.GRU is not: export it with dynamo=False']
      : [],
  read: (node, tensors, directions) => {
    const activations = readActivations(node, ['Sigmoid', 'Tanh'], directions);
    const clip = readClip(node);
    const resetAfter = node.options.flag('linear_before_reset');
    return activations.map(([f, g], direction) => {
      const weights = gateWeights(node, tensors, direction, [0, 1, 2]);
      return {
        activation: g ?? { kind: 'tanh' },
        add: (site) => {
          addGru(site, {
            kernel: weights.kernel,
            recurrentKernel: weights.recurrentKernel,
            bias: resetAfter ? weights.inputBias : summedBias(weights),
            recurrentBias: resetAfter ? weights.stateBias : null,
            resetAfter,
            recurrentActivation: f ?? { kind: 'sigmoid' },
            ...clip,
          });
          return null;
        },
      };
    });
  },
};

/** RNN: one gate. */
export const rnnCell: OnnxCell = {
  gates: 1,
  gateNames: null,
  roles: ['h'],
  read: (node, tensors, directions) => {
    const activations = readActivations(node, ['Tanh'], directions);
    const clip = readClip(node);
    return activations.map(([f], direction) => {
      const weights = gateWeights(node, tensors, direction, [0]);
      return {
        activation: f ?? { kind: 'tanh' },
        add: (site) => {
          addSimpleRnn(site, {
            kernel: weights.kernel,
            recurrentKernel: weights.recurrentKernel,
            bias: summedBias(weights),
            ...clip,
          });
          return null;
        },
      };
    });
  },
};

/**
 * Reads `clip`, which bounds what gates and candidate are functions of. The c that the output is a function of is not
 * bounded, as onnxruntime has it.
 */
function readClip(node: NodeContext): { readonly clip?: number } {
  if (!node.options.has('clip')) {
    return {};
  }
  const clip = node.options.float('clip', 0);
  if (!(clip > 0)) {
    throw node.options.refused(`clip=${clip} is no bound above zero`);
  }
  return { clip };
}
