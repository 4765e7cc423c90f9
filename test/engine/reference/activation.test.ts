import assert from 'node:assert/strict';
import { test } from 'node:test';
import { referenceActivation } from '#src/engine/reference/activation.js';
import type { Activation } from '#src/model/plan/stream-plan.js';

const inputs = [-4, -1, -0.3, 0, 0.5, 2.6, 7];

function relu(negativeSlope: number, threshold: number, maxValue: number): Activation {
  return { kind: 'relu', negativeSlope, threshold, maxValue };
}

/** The outputs of Keras 3.15 for `inputs`, to seven digits; of erf those of Python. */
const cases: readonly (readonly [Activation, readonly number[]])[] = [
  [{ kind: 'linear' }, inputs],
  [{ kind: 'sigmoid' }, [0.01798621, 0.2689414, 0.4255575, 0.5, 0.6224594, 0.9308616, 0.9990889]],
  [{ kind: 'tanh' }, [-0.9993293, -0.7615942, -0.2913126, 0, 0.4621171, 0.9890275, 0.9999983]],
  [
    { kind: 'softmax' },
    [1.644321e-5, 0.0003302707, 0.0006650833, 0.0008977687, 0.00148017, 0.01208732, 0.9845229],
  ],
  [
    { kind: 'softplus' },
    [0.01814993, 0.3132617, 0.5543553, Math.LN2, 0.974077, 2.671645, 7.000912],
  ],
  [{ kind: 'softsign' }, [-0.8, -0.5, -0.2307692, 0, 0.3333333, 0.7222222, 0.875]],
  [{ kind: 'exponential' }, [0.01831564, 0.3678795, 0.7408182, 1, 1.648721, 13.46374, 1096.633]],
  [{ kind: 'selu' }, [-1.725899, -1.111331, -0.4556673, 0, 0.5253505, 2.731822, 7.354907]],
  [{ kind: 'silu' }, [-0.07194484, -0.2689414, -0.1276672, 0, 0.3112297, 2.42024, 6.993623]],
  [
    { kind: 'gelu', approximate: false },
    [-0.000126685, -0.1586553, -0.1146266, 0, 0.3457312, 2.587881, 7],
  ],
  [
    { kind: 'gelu', approximate: true },
    [-7.021427e-5, -0.158808, -0.1146291, 0, 0.345714, 2.588346, 7],
  ],
  [{ kind: 'elu', alpha: 1 }, [-0.9816844, -0.6321205, -0.2591818, 0, 0.5, 2.6, 7]],
  [relu(0, 0, Infinity), [0, 0, 0, 0, 0.5, 2.6, 7]],
  [relu(0, 0, 6), [0, 0, 0, 0, 0.5, 2.6, 6]],
  [relu(0.2, 0, Infinity), [-0.8, -0.2, -0.06, 0, 0.5, 2.6, 7]],
  [relu(0.5, 0.25, 2), [-2.125, -0.625, -0.275, -0.125, 0.5, 2, 2]],
  [
    { kind: 'hardSigmoid', slope: 1 / 6, offset: 0.5 },
    [0, 0.3333333, 0.45, 0.5, 0.5833333, 0.9333333, 1],
  ],
  [{ kind: 'hardSigmoid', slope: 0.2, offset: 0.5 }, [0, 0.3, 0.44, 0.5, 0.6, 1, 1]],
  [
    { kind: 'logSoftmax' },
    [-11.0156, -8.015598, -7.315598, -7.015598, -6.515598, -4.415598, -0.01559808],
  ],
  [{ kind: 'sparsemax' }, [0, 0, 0, 0, 0, 0, 1]],
  [{ kind: 'mish' }, [-0.07259174, -0.3034015, -0.1511332, 0, 0.3752452, 2.575261, 6.999989]],
  [
    { kind: 'logSigmoid' },
    [-4.01815, -1.313262, -0.8543553, -Math.LN2, -0.474077, -0.0716447, -0.0009114665],
  ],
  [
    { kind: 'tanhShrink' },
    [-3.000671, -0.2384058, -0.008687377, 0, 0.03788286, 1.610972, 6.000002],
  ],
  [{ kind: 'hardTanh' }, [-1, -1, -0.3, 0, 0.5, 1, 1]],
  [{ kind: 'hardSilu' }, [0, -0.3333333, -0.135, 0, 0.2916667, 2.426666, 7]],
  [{ kind: 'celu', alpha: 0.5 }, [-0.4998323, -0.4323324, -0.2255942, 0, 0.5, 2.6, 7]],
  [{ kind: 'elu', alpha: 0.5 }, [-0.4908422, -0.3160603, -0.1295909, 0, 0.5, 2.6, 7]],
  [{ kind: 'hardShrink', threshold: 0.5 }, [-4, -1, 0, 0, 0, 2.6, 7]],
  [{ kind: 'softShrink', threshold: 0.4 }, [-3.6, -0.6, 0, 0, 0.1, 2.2, 6.6]],
  [{ kind: 'sparsePlus' }, [0, 0, 0.1225, 0.25, 0.5625, 2.6, 7]],
  [{ kind: 'erf' }, [-1, -0.8427008, -0.3286268, 0, 0.5204999, 0.999764, 1]],
  [{ kind: 'squareplus', b: 4 }, [0.236068, 0.618034, 0.8611875, 1, 1.280776, 2.940122, 7.140055]],
];

for (const [activation, expected] of cases) {
  test(`as Keras: ${JSON.stringify(activation)}`, () => {
    const values = Float64Array.from([...inputs, 99]);
    referenceActivation(activation)(values, 0, inputs.length);
    assert.equal(values[inputs.length], 99);
    for (const [i, value] of expected.entries()) {
      const distance = Math.abs((values[i] ?? Number.NaN) - value);
      assert.ok(distance <= 1e-6 * Math.max(1, Math.abs(value)), `${inputs[i]}: ${values[i]}`);
    }
  });
}

test("sparsemax as Keras has it, which is not the paper's: 0.55 and 0.45 there", () => {
  const values = Float64Array.of(9, 1, 0.9, -3, 0.2, 9);
  referenceActivation({ kind: 'sparsemax' })(values, 1, 4);
  assert.ok(Math.abs((values[1] ?? Number.NaN) - 0.05) < 1e-12);
  assert.deepEqual([...values].toSpliced(1, 1), [9, 0, 0, 0, 9]);
});

test('NaN stays NaN', () => {
  for (const [activation] of cases) {
    const values = Float64Array.of(Number.NaN);
    referenceActivation(activation)(values, 0, 1);
    assert.ok(Number.isNaN(values[0]), activation.kind);
  }
});

test('large values do not overflow', () => {
  const values = Float64Array.of(1000, 999, -1000);
  referenceActivation({ kind: 'softmax' })(values, 0, 3);
  assert.ok(Math.abs((values[0] ?? 0) - 1 / (1 + Math.exp(-1))) < 1e-12);
  for (const kind of ['sigmoid', 'softplus', 'tanh', 'silu', 'mish', 'logSigmoid'] as const) {
    const far = Float64Array.of(-1000, 1000);
    referenceActivation({ kind })(far, 0, 2);
    assert.ok(far.every(Number.isFinite), kind);
  }
});
