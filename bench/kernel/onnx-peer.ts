import type { Contestant } from '#src/commands/bench/kernel/contestant.js';
import { features, negativeSlope, type SeedModel } from '#src/commands/bench/kernel/seed-model.js';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';
import type { LstmOp } from '#src/model/plan/step-op.js';
import { OnnxWriter } from './onnx-writer.js';
import type { Predicting } from './peer.js';

/** The part of onnxruntime-node that is used. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<Session>;
  };
  readonly Tensor: new (type: 'float32', values: Float32Array, shape: readonly number[]) => object;
}

interface Session {
  run(inputs: Readonly<Record<string, object>>): Promise<Record<string, object>>;
}

const states = ['h1', 'c1', 'h2', 'c2'] as const;

/** The seed model as an ONNX graph that takes and gives the state at every step. */
export async function onnxContestant(
  seed: SeedModel,
  library: unknown,
): Promise<Contestant & Predicting> {
  // The library is CommonJS, so an import gives it as the default export.
  const { default: ort } = library as { readonly default: OnnxRuntime };
  const session = await ort.InferenceSession.create(onnxModel(seed), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });
  const sample = new ort.Tensor('float32', randomFloats(features, 1, 7), [1, 1, features]);
  const carried: Record<string, object> = {};
  const reset = (): void => {
    for (const name of states) {
      const { units } = stateOp(seed, name);
      carried[name] = new ort.Tensor('float32', new Float32Array(units), [1, 1, units]);
    }
  };
  const step = async (x: object): Promise<Record<string, object>> => {
    const outputs = await session.run({ x, ...carried });
    for (const name of states) {
      carried[name] = outputs[`${name}_out`] ?? {};
    }
    return outputs;
  };
  reset();
  return {
    model: seed.plan.name,
    engine: 'onnxruntime-node cpu',
    way: 'single',
    weights: 'f32',
    samples: 1,
    async run(calls) {
      for (let call = 0; call < calls; call += 1) {
        await step(sample);
      }
    },
    async predict(input) {
      reset();
      const outputs = new Float32Array(input.length / features);
      for (let n = 0; n < outputs.length; n += 1) {
        const row = input.subarray(n * features, (n + 1) * features);
        const { p } = await step(new ort.Tensor('float32', row, [1, 1, features]));
        outputs.set((p as { readonly data: Float32Array }).data, n);
      }
      return outputs;
    },
  };
}

function stateOp({ first, second }: SeedModel, state: (typeof states)[number]): LstmOp {
  return state.endsWith('1') ? first : second;
}

/** The seed model as an ONNX file, with the states as inputs and as outputs. */
export function onnxModel(seed: SeedModel): Uint8Array {
  const writer = new OnnxWriter();
  writer.input('x', [1, 1, features]);
  for (const name of states) {
    const { units } = stateOp(seed, name);
    writer.input(name, [1, 1, units]);
    writer.output(`${name}_out`, [1, 1, units]);
  }
  writer.output('p', [1, 1]);
  addLstm(writer, seed.first, 'x', '1');
  // The LSTM gives (time, directions, batch, units); there is one direction.
  writer.integers('shape', [1, 1, seed.first.units]);
  writer.node('Reshape', ['y1', 'shape'], ['r1']);
  writer.node('LeakyRelu', ['r1'], ['l1'], { alpha: negativeSlope });
  addLstm(writer, seed.second, 'l1', '2');
  writer.integers('shape_2', [1, seed.second.units]);
  writer.node('Reshape', ['y2', 'shape_2'], ['r2']);
  writer.node('LeakyRelu', ['r2'], ['l2'], { alpha: negativeSlope });
  const { kernel, bias } = seed.head;
  writer.floats('head', [kernel.length, 1], kernel);
  writer.floats('head_bias', [1], bias ?? new Float32Array(1));
  writer.node('Gemm', ['l2', 'head', 'head_bias'], ['logit']);
  writer.node('Sigmoid', ['logit'], ['p']);
  return writer.model();
}

function addLstm(writer: OnnxWriter, op: LstmOp, input: string, n: string): void {
  const { units, kernel, recurrentKernel, bias } = op;
  const inputs = kernel.length / (4 * units);
  writer.floats(`w${n}`, [1, 4 * units, inputs], gateRows(kernel, inputs, units));
  writer.floats(`u${n}`, [1, 4 * units, units], gateRows(recurrentKernel, units, units));
  const both = new Float32Array(8 * units);
  if (bias !== null) {
    both.set(gateRows(bias, 1, units));
  }
  writer.floats(`b${n}`, [1, 8 * units], both);
  writer.node(
    'LSTM',
    [input, `w${n}`, `u${n}`, `b${n}`, '', `h${n}`, `c${n}`],
    [`y${n}`, `h${n}_out`, `c${n}_out`],
    { hidden_size: units },
  );
}

/** Turns Keras' (inputs, gates i f g o) into ONNX' rows of gates i o f g. */
function gateRows(matrix: Float32Array, inputs: number, units: number): Float32Array {
  const rows = new Float32Array(matrix.length);
  for (const [to, from] of [0, 3, 1, 2].entries()) {
    for (let unit = 0; unit < units; unit += 1) {
      for (let input = 0; input < inputs; input += 1) {
        rows[(to * units + unit) * inputs + input] =
          matrix[input * 4 * units + from * units + unit] ?? 0;
      }
    }
  }
  return rows;
}
