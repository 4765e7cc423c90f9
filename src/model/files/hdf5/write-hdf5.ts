/** A float32 dataset of the root. */
export interface WrittenDataset {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

let written = 0;

/** The bytes of an HDF5 file. What is written comes from this program, so it is written in its own thread. */
export async function writeHdf5(datasets: readonly WrittenDataset[]): Promise<Uint8Array> {
  const { File, ready } = await import('h5wasm');
  const { FS } = await ready;
  written += 1;
  const name = `/written-${written}.h5`;
  const file = new File(name, 'w');
  try {
    for (const { name: dataset, shape, data } of datasets) {
      file.create_dataset({ name: dataset, data, shape: [...shape], dtype: '<f' });
    }
  } finally {
    file.close();
  }
  const bytes = FS.readFile(name);
  FS.unlink(name);
  return bytes;
}
