import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadModel } from '#src/model/load-model.js';
import { bfloats, model, node, tensor, withInt } from '../../files/onnx/onnx-writer.js';
import { projectFile } from '../../../support/project.js';
import { loadBytes } from './load-bytes.js';

test('layers that an exported module.half() computes in 16 bits are told', async () => {
  const folder = projectFile('test/golden/onnx/cases');
  const half = await loadModel(`${folder}/float16-weights/model.onnx`);
  assert.deepEqual(half.halfPrecision, {
    type: 'float16',
    layers: [
      { name: '/rnn/LSTM', type: 'float16' },
      { name: '/fc/Gemm', type: 'float16' },
    ],
  });
  assert.equal((await loadModel(`${folder}/gru-last/model.onnx`)).halfPrecision, null);
});

/** The bits of 0.5. */
const bits = 0x3f_00;

test('weights of 16 bits that are cast are computed with in float32', async () => {
  const w = bfloats('W', [1, 1, 3], bits);
  const computed = await loadBytes(model({ w, r: bfloats('R', [1, 1, 1], bits) }));
  assert.equal(computed.halfPrecision?.type, 'bfloat16');
  const cast = await loadBytes(
    model({
      w,
      tensors: [tensor('R0', [1, 1, 1], [0.5])],
      nodes: [
        withInt(node('Cast', ['W'], ['Wf']), 'to', 1),
        node('RNN', ['x', 'Wf', 'R0'], ['', 'y']),
      ],
    }),
  );
  assert.equal(cast.halfPrecision, null);
});
