/** The part of a tensor that is used here. The types are our own, so that nothing needs the package. */
export interface TfTensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
  dispose(): void;
}

type Operand = TfTensor | number;
type Unary = (x: TfTensor) => TfTensor;
type Binary = (a: Operand, b: Operand) => TfTensor;

/** The part of TensorFlow.js that the engine uses. */
export interface TensorFlow {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  getBackend(): string;
  enableProdMode(): void;
  memory(): { readonly numTensors: number };
  tidy(work: () => void): void;
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  transpose(x: TfTensor, order: readonly number[]): TfTensor;
  split(x: TfTensor, sizes: number | readonly number[], axis: number): TfTensor[];
  concat(tensors: readonly TfTensor[], axis: number): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
  min(x: TfTensor, axis: number, keepDims: boolean): TfTensor;
  pow(x: TfTensor, exponent: number): TfTensor;
  where(condition: TfTensor, a: TfTensor, b: TfTensor): TfTensor;
  fill(shape: readonly number[], value: number): TfTensor;
  topk(x: TfTensor, k: number, sorted: boolean): { readonly values: TfTensor };
  cumsum(x: TfTensor, axis: number): TfTensor;
  sum(x: TfTensor, axis: number, keepDims: boolean): TfTensor;
  mean(x: TfTensor, axis: number, keepDims: boolean): TfTensor;
  max(x: TfTensor, axis: number, keepDims: boolean): TfTensor;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly maximum: Binary;
  readonly minimum: Binary;
  readonly greater: Binary;
  readonly greaterEqual: Binary;
  readonly square: Unary;
  readonly sqrt: Unary;
  readonly exp: Unary;
  readonly expm1: Unary;
  readonly log: Unary;
  readonly log1p: Unary;
  readonly abs: Unary;
  readonly neg: Unary;
  readonly erf: Unary;
  readonly tanh: Unary;
  readonly sigmoid: Unary;
  readonly reciprocal: Unary;
  readonly sin: Unary;
  readonly cos: Unary;
  readonly sign: Unary;
}
