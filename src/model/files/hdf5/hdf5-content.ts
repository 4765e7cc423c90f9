/** An array as the file has it. */
export interface Hdf5Dataset {
  /** Without a slash in front. */
  readonly path: string;
  readonly shape: readonly number[];
  /** Type in the file, e.g. `float16`; `data` is converted to float32. `other` is none, without data. */
  readonly type: string;
  readonly data: Float32Array;
}

/** What of an HDF5 file is of interest here, free of the library that read it. */
export interface Hdf5Content {
  /** String attributes of groups, by path and name; the root is `/`, other paths begin without a slash. */
  readonly attributes: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>;
  /** Names in the root. */
  readonly names: readonly string[];
}

/** Why a file cannot be read: it is damaged, in the library's words, or too large. */
export interface Hdf5Fault {
  readonly fault: string;
  readonly isTooLarge: boolean;
}

export type Hdf5Answer = { readonly content: Hdf5Content } | Hdf5Fault;

export interface Hdf5Request {
  readonly bytes: Uint8Array;
  /** Of the root, whose attributes and datasets are read; null for all that there is. */
  readonly groups: readonly string[] | null;
  /** Bytes that all datasets together, and each attribute, may hold. */
  readonly maxBytes: number;
}
