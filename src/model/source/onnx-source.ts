/** A tensor of an ONNX file: an initialiser, or the value of an attribute. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Type of its elements in the file, e.g. `float16`. */
  readonly type: string;
  /** Floats as float32; whole numbers and booleans as float64. Null for a type that is not read. */
  readonly data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | null;
}

/** An attribute of a node. */
export type OnnxAttribute =
  | { readonly kind: 'float' | 'int'; readonly value: number }
  | { readonly kind: 'floats' | 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'graph'; readonly value: OnnxGraph }
  /** The attribute of this name of the function that the node stands in. */
  | { readonly kind: 'reference'; readonly value: string }
  | { readonly kind: 'other'; readonly value: string };

/** A node of a graph. An input or output that is left out is an empty name. */
export interface OnnxNode {
  readonly name: string;
  readonly operator: string;
  /** Empty for the standard's own. */
  readonly domain: string;
  /** Tells functions of one name apart; left out where it is empty. */
  readonly overload?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
  /** True for a node that no file has: the compiler added it. */
  readonly isAdded?: true;
}

/** An input or an output of a graph. */
export interface OnnxValueInfo {
  readonly name: string;
  /** Type of its elements, e.g. `float32`; `other` for what is no tensor. */
  readonly type: string;
  /** A number, a name, or null for an axis of which nothing is said; null where the rank is not said. */
  readonly shape: readonly (number | string | null)[] | null;
}

/** A graph; names of values hold within it and within the graphs that its nodes hold. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** A function that the file brings with it: nodes that call it are inlined. */
export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  /** Tells it from others of its name; mostly empty. */
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
  /** Defaults of its attributes. */
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** The content of an ONNX file. */
export interface OnnxSource {
  readonly producer: string;
  readonly producerVersion: string;
  readonly graph: OnnxGraph;
  readonly functions: readonly OnnxFunction[];
  /** Version of each domain's operators; the standard's own domain is the empty name. */
  readonly opsets: ReadonlyMap<string, number>;
}
