/** The part of a tensor that is used here. The types are our own, so that nothing needs the package. */
export interface Tensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array;
  dispose(): void;
}

type Operand = Tensor | number;
type Unary = (x: Tensor) => Tensor;
type Binary = (a: Operand, b: Operand) => Tensor;

/** The part of TensorFlow.js that the engine uses. */
export interface TensorFlow {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  getBackend(): string;
  enableProdMode(): void;
  memory(): { readonly numTensors: number };
  tidy(work: () => void): void;
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  reshape(x: Tensor, shape: readonly number[]): Tensor;
  transpose(x: Tensor, order: readonly number[]): Tensor;
  split(x: Tensor, sizes: number | readonly number[], axis: number): Tensor[];
  concat(tensors: readonly Tensor[], axis: number): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  where(condition: Tensor, a: Tensor, b: Tensor): Tensor;
  fill(shape: readonly number[], value: number): Tensor;
  topk(x: Tensor, k: number, sorted: boolean): { readonly values: Tensor };
  cumsum(x: Tensor, axis: number): Tensor;
  sum(x: Tensor, axis: number, keepDims: boolean): Tensor;
  mean(x: Tensor, axis: number, keepDims: boolean): Tensor;
  max(x: Tensor, axis: number, keepDims: boolean): Tensor;
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
}
