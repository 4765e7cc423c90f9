/** A float32 dataset in the root of an HDF5 file. */
export interface WrittenDataset {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

let filesWritten = 0;

/** The bytes of an HDF5 file. Its content comes from this program, so that no thread of its own is needed. */
export async function writeHdf5(datasets: readonly WrittenDataset[]): Promise<Uint8Array> {
  const { File, ready } = await import('h5wasm');
  const { FS } = await ready;
  filesWritten += 1;
  const name = `/written-${filesWritten}.h5`;
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
