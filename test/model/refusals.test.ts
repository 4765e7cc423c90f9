import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LstmdError, type ErrorCode } from '#src/base/errors.js';
import {
  architectureOf,
  denseLayer,
  inputLayer,
  kerasArchive,
  kerasHdf5,
  layer,
  loadBytes,
  lstmLayer,
  seedModel,
  weight,
  type WrittenLayer,
} from '../support/model-writer.js';

async function refuses(bytes: Uint8Array, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(loadBytes(bytes), (error) => {
    assert.ok(error instanceof LstmdError, String(error));
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });
}

function withConfig(one: WrittenLayer, config: Readonly<Record<string, unknown>>): WrittenLayer {
  return { ...one, config: { ...one.config, ...config } };
}

const lstm = lstmLayer('memory', 3, 2);
const dense = denseLayer('head', 2, 1);

/** Models that are refused: a name, the layers after the input, and the text of the error. */
const refused: readonly (readonly [string, readonly WrittenLayer[], RegExp])[] = [
  ['Lambda', [lstm, layer('Lambda', { name: 'doubler' })], /layer "doubler" \(Lambda\): /],
  [
    'an unknown class',
    [layer('Mystery', { name: 'a' })],
    /"a" \(Mystery\): Mystery layers are not/,
  ],
  [
    'a custom class',
    [{ ...lstm, outer: { module: 'builtins', registered_name: 'mine>LSTM' } }],
    /"memory" \(LSTM\): it is a class of package "mine"/,
  ],
  ['another module', [{ ...lstm, outer: { module: 'my.layers' } }], /of package "my.layers"/],
  ['time first', [withConfig(lstm, { time_major: true })], /time_major=true/],
  ['an unknown option', [withConfig(lstm, { peephole: 'on' })], /option peephole="on"/],
  ['an unknown activation', [withConfig(lstm, { activation: 'wish' })], /activation="wish"/],
  [
    'a function as activation',
    [withConfig(dense, { activation: { class_name: 'function', config: 'my_fn' } })],
    /activation="my_fn"/,
  ],
  ['an inherited name', [withConfig(dense, { activation: 'constructor' })], /"constructor"/],
  [
    'an unknown precision',
    [withConfig(lstm, { dtype: 'float8_e4m3fn' })],
    /"float8_e4m3fn" is not known to compute/,
  ],
  [
    'a quantized type by its name',
    [withConfig(lstm, { dtype: 'int8_from_float32' })],
    /quantized to int8 by Keras/,
  ],
  [
    'LSTM after the last step',
    [withConfig(lstm, { return_sequences: false }), lstmLayer('second', 2, 2)],
    /"second" \(LSTM\): .*ndim=3, found ndim=2/,
  ],
  ['LSTM after Flatten', [layer('Flatten', { name: 'f' }), lstmLayer('second', 3, 2)], /ndim=2/],
  [
    'a second input',
    [{ ...inputLayer(4), config: { ...inputLayer(4).config, name: 'b' } }],
    /"b" \(InputLayer\): it is not among the inputs of the model/,
  ],
];

for (const [what, layers, message] of refused) {
  test(`refused: ${what}`, async () => {
    const model = { kerasVersion: '3.1.0', layers: [inputLayer(4), ...layers] };
    await refuses(await kerasArchive(model), 'model.refused', message);
  });
}

test('refused: an input without a time axis, or of unknown width', async () => {
  for (const shape of [
    [null],
    [null, null],
    [null, 4, null],
    [null, 4, null, 1],
    [null, null, 3, 1],
  ]) {
    const input = withConfig(inputLayer(4), { batch_shape: shape });
    const model = { kerasVersion: '3.1.0', layers: [input, dense] };
    await refuses(
      await kerasArchive(model),
      'model.refused',
      /"input_layer" \(InputLayer\): input shape/,
    );
  }
});

test('refused: Keras 0, and a version that is not a number', async () => {
  for (const version of ['0.3.3', 'unknown', '']) {
    await refuses(await kerasHdf5(seedModel(version)), 'model.refused', /written by Keras/);
  }
});

test('refused: a subclassed model', async () => {
  const config = JSON.stringify({ class_name: 'MyModel', config: {} });
  await refuses(
    await kerasArchive(seedModel(), { config }),
    'model.refused',
    /the model is a MyModel/,
  );
});

test('refused: arguments of a call other than its inputs', async () => {
  const layers = [
    { ...inputLayer(4), outer: { inbound_nodes: [] } },
    {
      ...layer('Dropout', { name: 'drop', rate: 0.5 }),
      outer: { inbound_nodes: [[['input_layer', 0, 0, { training: true }]]] },
    },
  ];
  const written = layers.map(({ class_name, config, outer }) => ({ class_name, config, ...outer }));
  const functional = (outputs: unknown, nodes = written) =>
    JSON.stringify({ class_name: 'Functional', config: { layers: nodes, output_layers: outputs } });
  const model = { kerasVersion: '3.1.0', layers };
  const active = functional([['drop', 0, 0]]);
  await refuses(
    await kerasArchive(model, { config: active }),
    'model.refused',
    /"drop" \(Dropout\): it is called with training=true/,
  );

  const [input, drop] = written;
  const circle = { ...drop, inbound_nodes: [[['drop', 0, 0, {}]]] };
  const round = functional([['drop', 0, 0]], [input, circle] as typeof written);
  await refuses(
    await kerasArchive(model, { config: round }),
    'model.malformed',
    /in a circle.*: "drop"/,
  );

  const unknown = functional([['nobody', 0, 0]], [input] as typeof written);
  await refuses(
    await kerasArchive(model, { config: unknown }),
    'model.malformed',
    /"nobody" that it does not have/,
  );
});

const spoilt = weight(3, 8);
spoilt.data[5] = Number.NaN;

/** Contradictions: a name, the weights of the LSTM, and the text of the error. */
const contradictions: readonly (readonly [string, WrittenLayer['weights'], RegExp])[] = [
  ['a missing weight', [weight(3, 8), weight(2, 8)], /memory\/bias of shape \(8\) is missing/],
  [
    'another shape',
    [weight(3, 8), weight(3, 8), weight(8)],
    /memory\/recurrent_kernel should have shape \(2, 8\), but .* has \(3, 8\)/,
  ],
  ['NaN', [spoilt, weight(2, 8), weight(8)], /memory\/kernel holds NaN or Inf/],
  [
    'a weight too many',
    [weight(3, 8), weight(2, 8), weight(8), weight(1)],
    /no layer .* has a place for weight/,
  ],
];

for (const [what, weights, message] of contradictions) {
  test(`malformed: ${what}`, async () => {
    const layers = [inputLayer(4), { ...lstm, ...(weights !== undefined && { weights }) }, dense];
    const model = { kerasVersion: '3.1.0', layers };
    await refuses(await kerasArchive(model), 'model.malformed', message);
    await refuses(await kerasHdf5(model), 'model.malformed', message);
  });
}

test('malformed: weights of a layer that the model does not have', async () => {
  const model = {
    kerasVersion: '3.1.0',
    layers: [inputLayer(4), lstm, dense, denseLayer('extra', 1, 1)],
  };
  const config = JSON.stringify(architectureOf({ ...model, layers: model.layers.slice(0, 3) }));
  await refuses(
    await kerasArchive(model, { config }),
    'model.malformed',
    /layers\/dense_1\/vars\/0/,
  );
});

test('malformed: sizes that are not whole numbers, and configurations without layers', async () => {
  for (const units of [0, -1, 2.5, '2', null]) {
    const model = { kerasVersion: '3.1.0', layers: [inputLayer(4), withConfig(lstm, { units })] };
    await refuses(await kerasArchive(model), 'model.malformed', /"memory" \(LSTM\): units is/);
  }
  for (const config of ['', '{', 'null', '[]', '{"class_name":"Sequential","config":{}}']) {
    await refuses(
      await kerasArchive(seedModel(), { config }),
      'model.malformed',
      /config|class_name/,
    );
  }
});
