/** Writes protobuf messages field by field, for files that no exporter would write. */
export class Written {
  readonly #bytes: number[] = [];

  /** A varint field. */
  int(field: number, value: number): this {
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  /** A field of bytes, a text or a message. */
  bytes(field: number, value: string | Uint8Array | Written): this {
    const bytes =
      value instanceof Written
        ? value.content()
        : typeof value === 'string'
          ? Buffer.from(value)
          : value;
    this.#varint(field * 8 + 2);
    this.#varint(bytes.length);
    this.#bytes.push(...bytes);
    return this;
  }

  content(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }
}

/** A float tensor. */
export function tensor(name: string, dims: readonly number[], floats: readonly number[]): Written {
  const written = new Written();
  for (const size of dims) {
    written.int(1, size);
  }
  return written
    .int(2, 1)
    .bytes(8, name)
    .bytes(9, new Uint8Array(Float32Array.from(floats).buffer));
}

/** A bfloat16 tensor, of which each element has these bits. */
export function bfloats(name: string, dims: readonly number[], bits: number): Written {
  const written = new Written();
  for (const size of dims) {
    written.int(1, size);
  }
  for (let i = dims.reduce((a, b) => a * b, 1); i > 0; i -= 1) {
    written.int(5, bits);
  }
  return written.int(2, 16).bytes(8, name);
}

/** A tensor of whole numbers (int64). */
export function wholes(
  name: string,
  dims: readonly number[],
  numbers: readonly (number | bigint)[],
): Written {
  const written = new Written();
  for (const size of dims) {
    written.int(1, size);
  }
  const bytes = new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer);
  return written.int(2, 7).bytes(8, name).bytes(9, bytes);
}

/** A float tensor whose elements lie in another file. */
export function externalTensor(
  name: string,
  dims: readonly number[],
  place: Readonly<Record<string, string>>,
): Written {
  const written = new Written();
  for (const size of dims) {
    written.int(1, size);
  }
  written.int(2, 1).bytes(8, name).int(14, 1);
  for (const [key, value] of Object.entries(place)) {
    written.bytes(13, new Written().bytes(1, key).bytes(2, value));
  }
  return written;
}

export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
): Written {
  const written = new Written();
  for (const input of inputs) {
    written.bytes(1, input);
  }
  for (const output of outputs) {
    written.bytes(2, output);
  }
  return written.bytes(3, operator.toLowerCase()).bytes(4, operator);
}

/** A float value whose axes have a size each, or a name where they may be any. */
export function valueInfo(name: string, axes: readonly (number | string)[]): Written {
  const shape = new Written();
  for (const size of axes) {
    const one = new Written();
    shape.bytes(1, typeof size === 'string' ? one.bytes(2, size) : one.int(1, size));
  }
  const type = new Written().int(1, 1).bytes(2, shape);
  return new Written().bytes(1, name).bytes(2, new Written().bytes(1, type));
}

/** Adds an attribute that is a whole number to a node. */
export function withInt(written: Written, name: string, value: number): Written {
  return written.bytes(5, new Written().bytes(1, name).int(3, value).int(20, 2));
}

/** Adds an attribute that is a text to a node. */
export function withText(written: Written, name: string, value: string): Written {
  return written.bytes(5, new Written().bytes(1, name).bytes(4, value).int(20, 3));
}

/** Adds an attribute that is a list of whole numbers to a node. */
export function withInts(written: Written, name: string, values: readonly number[]): Written {
  const attribute = new Written().bytes(1, name);
  for (const value of values) {
    attribute.int(8, value);
  }
  return written.bytes(5, attribute.int(20, 7));
}

/** Adds an attribute that is a graph to a node: nodes, the names of what they give, and those of what they are given. */
export function withGraph(
  written: Written,
  name: string,
  nodes: readonly Written[],
  outputs: readonly string[],
  inputs: readonly string[] = [],
): Written {
  const graph = new Written();
  for (const one of nodes) {
    graph.bytes(1, one);
  }
  for (const input of inputs) {
    graph.bytes(11, valueInfo(input, []));
  }
  for (const output of outputs) {
    graph.bytes(12, valueInfo(output, []));
  }
  return written.bytes(5, new Written().bytes(1, name).bytes(6, graph).int(20, 5));
}

/** Adds an attribute to a node of a function that is what an attribute of its call is. */
export function withReference(written: Written, name: string, of: string): Written {
  return written.bytes(5, new Written().bytes(1, name).bytes(21, of).int(20, 2));
}

/** The domain of the functions of a file that is written here. */
const ownDomain = 'own';

/** A function of `a`. */
export function ownFunction(name: string, nodes: readonly Written[], output = 'b'): Written {
  const written = new Written().bytes(1, name).bytes(4, 'a').bytes(5, output);
  for (const one of nodes) {
    written.bytes(7, one);
  }
  return written.bytes(10, ownDomain);
}

/** Calls a function of the file. */
export function call(name: string, input: string, output: string): Written {
  return node(name, [input], [output]).bytes(7, ownDomain);
}

/** A model with functions of its own. */
export function withFunctions(bytes: Uint8Array, functions: readonly Written[]): Uint8Array {
  const written = functions.flatMap((one) => [...new Written().bytes(25, one).content()]);
  return Uint8Array.from([...bytes, ...written]);
}

/** A model of one RNN unit over three features, with what is given in the place of its parts. */
export function model({
  w = tensor('W', [1, 1, 3], [0.1, 0.2, 0.3]),
  r = tensor('R', [1, 1, 1], [0.5]),
  tensors = [],
  opset = 17,
  producer = 'a test',
  nodes = [node('RNN', ['x', 'W', 'R'], ['', 'y'])],
  inputs = [valueInfo('x', [8, 1, 3])],
  outputs = [valueInfo('y', [1, 1, 1])],
}: {
  readonly w?: Written;
  readonly r?: Written;
  readonly tensors?: readonly Written[];
  readonly opset?: number;
  readonly producer?: string;
  readonly nodes?: readonly Written[];
  readonly inputs?: readonly Written[];
  readonly outputs?: readonly Written[];
} = {}): Uint8Array {
  const graph = new Written();
  const fields: readonly (readonly [number, readonly Written[]])[] = [
    [1, nodes],
    [5, [w, r, ...tensors]],
    [11, inputs],
    [12, outputs],
  ];
  for (const [field, parts] of fields) {
    for (const part of parts) {
      graph.bytes(field, part);
    }
  }
  return new Written()
    .int(1, 8)
    .bytes(2, producer)
    .bytes(7, graph)
    .bytes(8, new Written().int(2, opset))
    .content();
}
