/** Field numbers of onnx.proto. */
const modelField = { irVersion: 1, graph: 7, opset: 8 } as const;
const graphField = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const nodeField = { input: 1, output: 2, opType: 4, attribute: 5 } as const;
const attributeField = { name: 1, float: 2, integer: 3, type: 20 } as const;
const attributeType = { float: 1, integer: 2 } as const;
const tensorField = { dims: 1, type: 2, name: 8, raw: 9 } as const;
const tensorType = { float: 1, int64: 7 } as const;
const irVersion = 8;
const opsetVersion = 17;

type Bytes = readonly number[] | Uint8Array;

/** Writes as much of ONNX' protobuf as the seed model needs. */
export class OnnxWriter {
  readonly #graph: Buffer[] = [text(graphField.name, 'seed')];

  input(name: string, shape: readonly number[]): void {
    this.#graph.push(message(graphField.input, valueInfo(name, shape)));
  }

  output(name: string, shape: readonly number[]): void {
    this.#graph.push(message(graphField.output, valueInfo(name, shape)));
  }

  floats(name: string, shape: readonly number[], values: Float32Array): void {
    this.#tensor(name, shape, tensorType.float, Buffer.from(values.slice().buffer));
  }

  integers(name: string, values: readonly number[]): void {
    const raw = Buffer.from(BigInt64Array.from(values, BigInt).buffer);
    this.#tensor(name, [values.length], tensorType.int64, raw);
  }

  /** An attribute with a whole number is written as an integer. */
  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, number>> = {},
  ): void {
    const parts = [
      ...inputs.map((name) => text(nodeField.input, name)),
      ...outputs.map((name) => text(nodeField.output, name)),
      text(nodeField.opType, type),
      ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    ];
    this.#graph.push(message(graphField.node, Buffer.concat(parts)));
  }

  model(): Uint8Array {
    return Buffer.concat([
      integer(modelField.irVersion, irVersion),
      // An opset without a domain is ONNX' own; field 2 is its version.
      message(modelField.opset, integer(2, opsetVersion)),
      message(modelField.graph, Buffer.concat(this.#graph)),
    ]);
  }

  #tensor(name: string, shape: readonly number[], type: number, raw: Uint8Array): void {
    const parts = [
      ...shape.map((size) => integer(tensorField.dims, size)),
      integer(tensorField.type, type),
      text(tensorField.name, name),
      message(tensorField.raw, raw),
    ];
    this.#graph.push(message(graphField.initializer, Buffer.concat(parts)));
  }
}

function attribute(name: string, value: number): Buffer {
  const parts = Number.isInteger(value)
    ? [integer(attributeField.integer, value), integer(attributeField.type, attributeType.integer)]
    : [float(attributeField.float, value), integer(attributeField.type, attributeType.float)];
  return message(nodeField.attribute, Buffer.concat([text(attributeField.name, name), ...parts]));
}

/** ValueInfoProto: name 1, type 2; TypeProto.tensor_type 1: elem_type 1, shape 2: dim 1: dim_value 1. */
function valueInfo(name: string, shape: readonly number[]): Buffer {
  const dims = shape.map((size) => message(1, integer(1, size)));
  const tensor = [integer(1, tensorType.float), message(2, Buffer.concat(dims))];
  return Buffer.concat([text(1, name), message(2, message(1, Buffer.concat(tensor)))]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.from([...varint(field << 3), ...varint(value)]);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([Buffer.from(varint((field << 3) | 5)), bytes]);
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value, 'utf8'));
}

function message(field: number, bytes: Bytes): Buffer {
  return Buffer.concat([
    Buffer.from([...varint((field << 3) | 2), ...varint(bytes.length)]),
    Buffer.from(bytes),
  ]);
}

function varint(value: number): number[] {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) {
      return [...bytes, rest];
    }
    bytes.push((rest & 0x7f) | 0x80);
  }
}
