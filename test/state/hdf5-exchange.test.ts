import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { File, ready } from 'h5wasm';
import type { StateTensor } from '#src/model/plan/stream-plan.js';
import { exportHdf5, importHdf5 } from '#src/state/hdf5-exchange.js';
import { readComputedCase } from '../golden/golden-case.js';

const tensors: StateTensor[] = [
  { layer: 'lstm', layerIndex: 1, role: 'h', offset: 0, size: 5 },
  { layer: 'lstm', layerIndex: 1, role: 'c', offset: 5, size: 5 },
  { layer: 'lstm_1', layerIndex: 2, role: 'h', offset: 10, size: 2 },
  { layer: 'lstm_1', layerIndex: 2, role: 'c', offset: 12, size: 2 },
];

describe('HDF5 exchange', () => {
  let directory: string;
  let path: string;
  const lane = Float32Array.from({ length: 14 }, (_, i) => Math.sin(i) * 3);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lstmd-hdf5-'));
    path = join(directory, 'states.h5');
  });

  afterEach(() => rm(directory, { recursive: true }));

  test('gives back every bit', async () => {
    await exportHdf5(path, tensors, lane);
    assert.deepEqual(await readdir(directory), ['states.h5']);
    const read = new Float32Array(14);
    await importHdf5(path, tensors, read);
    assert.deepEqual(read, lane);
  });

  test('writes the names, shapes and type that h5py users know', async () => {
    await exportHdf5(path, tensors, lane);
    const { FS } = await ready;
    FS.writeFile('read.h5', await readFile(path));
    const file = new File('read.h5', 'r');
    try {
      assert.deepEqual(file.keys(), ['states_1_0', 'states_1_1', 'states_2_0', 'states_2_1']);
      const dataset = file.get('states_2_1');
      assert.ok(dataset !== null && 'shape' in dataset && 'dtype' in dataset);
      assert.deepEqual(dataset.shape, [1, 2]);
      assert.equal(dataset.dtype, '<f');
    } finally {
      file.close();
    }
  });

  for (const name of ['seed-functional-h5', 'seed-functional-keras']) {
    test(`reads what h5py wrote (${name})`, async () => {
      const golden = readComputedCase(name);
      const read = new Float32Array(14);
      await importHdf5(join(golden.folder, 'states.h5'), tensors, read);
      const flat = Object.values(golden.state_file?.states ?? {}).flat(2);
      assert.equal(flat.length, 14);
      flat.forEach((value, i) =>
        assert.ok(Math.abs(value - (read[i] ?? Number.NaN)) < 1e-6, `[${i}]`),
      );
    });
  }

  /** A file of these datasets, each `[name, values, shape]`. */
  async function given(...datasets: [string, number[], number[]][]): Promise<void> {
    const { FS } = await ready;
    const file = new File('given.h5', 'w');
    for (const [name, data, shape] of datasets) {
      file.create_dataset({ name, data: Float32Array.from(data), shape, dtype: '<f' });
    }
    file.close();
    await writeFile(path, FS.readFile('given.h5'));
  }

  test('refuses by name what does not fit, and then leaves the lane as it was', async () => {
    const one: StateTensor[] = [
      { layer: 'lstm_1', layerIndex: 2, role: 'h', offset: 0, size: 2 },
      { layer: 'lstm_1', layerIndex: 2, role: 'c', offset: 2, size: 2 },
    ];
    const faults: [RegExp, [string, number[], number[]][]][] = [
      [/states_2_1 \(layer lstm_1\) is missing/, [['states_2_0', [1, 2], [1, 2]]]],
      [
        /states_3_0 belongs to no recurrent layer/,
        [
          ['states_2_0', [1, 2], [1, 2]],
          ['states_2_1', [1, 2], [1, 2]],
          ['states_3_0', [1, 2], [1, 2]],
        ],
      ],
      [
        /states_2_1 \(layer lstm_1\) has shape \(2, 1\), not \(1, 2\)/,
        [
          ['states_2_0', [1, 2], [1, 2]],
          ['states_2_1', [1, 2], [2, 1]],
        ],
      ],
      [
        /states_2_1 \(layer lstm_1\) holds NaN or Inf/,
        [
          ['states_2_0', [1, 2], [1, 2]],
          ['states_2_1', [1, Infinity], [1, 2]],
        ],
      ],
    ];
    for (const [message, datasets] of faults) {
      await given(...datasets);
      const read = new Float32Array(4);
      await assert.rejects(importHdf5(path, one, read), { code: 'state.mismatch', message });
      assert.deepEqual(read, new Float32Array(4));
    }
  });

  test('refuses what a convolution keeps, and two layers inside of one', async () => {
    const history: StateTensor = {
      layer: 'conv',
      layerIndex: 1,
      role: 'history',
      offset: 0,
      size: 2,
    };
    const one: StateTensor = { layer: 'rnn/a', layerIndex: 2, role: 'h', offset: 0, size: 2 };
    await assert.rejects(
      exportHdf5(path, [history], new Float32Array(2)),
      /conv keeps a state of its own \(history\)/,
    );
    await assert.rejects(
      exportHdf5(path, [one, { ...one, layer: 'rnn/b', offset: 2 }], new Float32Array(4)),
      /layers rnn\/a and rnn\/b are both in layer 2/,
    );
  });

  test('refuses an accumulator, for Keras has none', async () => {
    const sum: StateTensor = {
      layer: 'dense',
      layerIndex: 4,
      role: 'accumulator',
      offset: 0,
      size: 1,
    };
    const fault = { code: 'state.mismatch', message: /layer dense keeps a sum over the window/ };
    await assert.rejects(exportHdf5(path, [sum], lane), fault);
    await assert.rejects(importHdf5(path, [sum], new Float32Array(1)), fault);
  });

  test('says when there is no file, when it is no HDF5, and when it cannot be written', async () => {
    await assert.rejects(importHdf5(path, tensors, lane), { code: 'state.unreadable' });
    await writeFile(path, 'states');
    await assert.rejects(importHdf5(path, tensors, lane), {
      code: 'state.unreadable',
      message: /cannot be read as HDF5/,
    });
    await assert.rejects(exportHdf5(join(directory, 'no/states.h5'), tensors, lane), {
      code: 'output.write',
    });
  });
});
