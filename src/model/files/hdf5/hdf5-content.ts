/** An array of numbers in an HDF5 file. */
export interface Hdf5Dataset {
  /** Without a slash in front. */
  readonly path: string;
  readonly shape: readonly number[];
  /**
   * Type in the file, e.g. `float16`; `data` is converted to float32. A dataset of type `other` does
   * not hold numbers, and has no data.
   */
  readonly type: string;
  readonly data: Float32Array;
}

/** The parts of an HDF5 file that are read, independent of the library that reads them. */
export interface Hdf5Content {
  /** String attributes of groups, by path and name; the root is `/`, other paths begin without a slash. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
  /** Names of all objects in the root, those that were not read included. */
  readonly names: readonly string[];
}

/** Why a file cannot be read: it is damaged, in the library's words, or whole and still more than is read here. */
export interface Hdf5Fault {
  readonly fault: string;
  readonly kind: 'damaged' | 'refused';
}

export type Hdf5Answer = { readonly content: Hdf5Content } | Hdf5Fault;

/** The parts of a file that are read. */
export interface Hdf5Selection {
  /** Groups of the root whose attributes and datasets are read; null for all. */
  readonly groups: readonly string[] | null;
  /** Bytes that all datasets together, and each attribute, may hold. */
  readonly maxBytes: number;
}

export interface Hdf5Request extends Hdf5Selection {
  readonly bytes: Uint8Array;
}
