import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LstmdError } from '#src/base/errors.js';
import { loadModel } from '#src/model/load-model.js';
import { Draw } from '../../../support/draw.js';
import { projectFile } from '../../../support/project.js';
import { model, node, tensor, valueInfo, wholes, withGraph, Written } from './onnx-writer.js';

/** Loads a file of these bytes; an error of the program is returned, any other thrown. */
async function outcome(bytes: Uint8Array): Promise<LstmdError | 'a plan'> {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-damaged-'));
  try {
    const path = join(folder, 'model.onnx');
    writeFileSync(path, bytes);
    await loadModel(path);
    return 'a plan';
  } catch (error) {
    if (error instanceof LstmdError) {
      return error;
    }
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bytes with a few changes: bits turned, parts left out, repeated or cut off, and lengths that are far too large. */
function damaged(draw: Draw, whole: Uint8Array): Uint8Array {
  let bytes = whole;
  for (let i = draw.whole(1, 3); i > 0; i -= 1) {
    const at = draw.whole(0, bytes.length - 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const run = draw.whole(1, 40);
    const changes = [
      () =>
        Buffer.concat([
          before,
          Uint8Array.of((after[0] ?? 0) ^ (1 << (run % 8))),
          after.subarray(1),
        ]),
      () => before,
      () => Buffer.concat([before, after.subarray(run)]),
      () => Buffer.concat([before, after.subarray(0, run), after]),
      () => Buffer.concat([before, Uint8Array.of(255, 255, 255, 255, 15), after]),
    ];
    bytes = draw.one(changes)();
  }
  return bytes;
}

test('damaged files end in a plan or in one error with a code', async () => {
  const draw = new Draw(60);
  const names = ['tf2onnx-lstm', 'stateful-lstm-step', 'layernorm-opset-13', 'loop-gru'];
  let refused = 0;
  for (const name of names) {
    const whole = readFileSync(projectFile(`test/golden/onnx/cases/${name}/model.onnx`));
    for (let i = 0; i < 15; i += 1) {
      const found = await outcome(damaged(draw, whole));
      if (found !== 'a plan') {
        assert.match(found.code, /^model\./, `${name} ${i}: ${found.message}`);
        refused += 1;
      }
    }
  }
  assert.ok(refused > 30, `${refused} of 60 were refused`);
});

/** A loop that turns so often, and sums up the steps of x, of which there are 8. */
function loopOf(turns: number): Uint8Array {
  const body = new Written()
    .bytes(1, node('Gather', ['x', 'turn'], ['step']))
    .bytes(1, node('Add', ['step', 'before'], ['after']));
  for (const name of ['turn', 'on', 'before']) {
    body.bytes(11, valueInfo(name, []));
  }
  for (const name of ['on', 'after']) {
    body.bytes(12, valueInfo(name, []));
  }
  const attribute = new Written().bytes(1, 'body').bytes(6, body).int(20, 5);
  const count = new Written().int(2, 7).bytes(8, 'W');
  count.bytes(9, new Uint8Array(BigInt64Array.of(BigInt(turns)).buffer));
  return model({
    w: count,
    r: tensor('R', [1, 3], [0, 0, 0]),
    nodes: [node('Loop', ['W', '', 'R'], ['y']).bytes(5, attribute)],
  });
}

test('a loop turns once for each step', async () => {
  assert.equal(await outcome(loopOf(8)), 'a plan');
  const found = await outcome(loopOf(4));
  assert.ok(found !== 'a plan');
  assert.match(found.message, /node "loop" \(Loop\): it turns 4 times, and its input has 8 steps/);
});

const hostile: readonly (readonly [string, Uint8Array, RegExp])[] = [
  [
    'two nodes that give one name',
    model({ nodes: [node('RNN', ['x', 'W', 'R'], ['', 'y']), node('Tanh', ['x'], ['y'])] }),
    /it gives "y", which is given already/,
  ],
  [
    'nodes in a circle',
    model({ nodes: [node('Add', ['x', 'y'], ['a']), node('RNN', ['a', 'W', 'R'], ['', 'y'])] }),
    /it takes "[ay]", which is given behind it: the graph has a cycle/,
  ],
  [
    'a name that is given again by what takes it, and scattered',
    model({
      tensors: [
        wholes('rows', [8, 1], [0, 1, 2, 3, 4, 5, 6, 7]),
        tensor('zeros', [8, 1, 1, 1], [0, 0, 0, 0, 0, 0, 0, 0]),
      ],
      nodes: [
        node('RNN', ['x', 'W', 'R'], ['a']),
        node('Identity', ['a'], ['a']),
        node('ScatterND', ['zeros', 'rows', 'a'], ['y']),
      ],
    }),
    /it gives "a", which is given already/,
  ],
  [
    'a name that is given again by what takes it, as an output',
    model({ nodes: [node('RNN', ['x', 'W', 'R'], ['', 'y']), node('Identity', ['y'], ['y'])] }),
    /it gives "y", which is given already/,
  ],
  [
    'a circle in the body of a loop',
    model({
      w: wholes('W', [], [8]),
      r: tensor('R', [1, 3], [0, 0, 0]),
      nodes: [
        withGraph(
          node('Loop', ['W', '', 'R'], ['y']),
          'body',
          [
            node('Gather', ['x', 'turn'], ['step']),
            node('Add', ['step', 'before'], ['after']),
            node('Identity', ['passed'], ['on']),
            node('Identity', ['on'], ['passed']),
          ],
          ['on', 'after'],
          ['turn', 'on_before', 'before'],
        ),
      ],
    }),
    /nothing before it gives its input "on"/,
  ],
  [
    'a shape of more than there is',
    model({ w: tensor('W', [2 ** 30, 2 ** 30, 3], [0.1, 0.2, 0.3]) }),
    /W/,
  ],
  ['weights that are not finite', model({ r: tensor('R', [1, 1, 1], [Number.NaN]) }), /NaN/],
];

for (const [name, bytes, message] of hostile) {
  test(`${name}: refused by one error`, async () => {
    const found = await outcome(bytes);
    assert.ok(found !== 'a plan');
    assert.match(found.message, message);
    assert.match(found.code, /^model\./);
  });
}
