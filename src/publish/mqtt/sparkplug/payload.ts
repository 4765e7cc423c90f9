import { protobuf } from '../../../protobuf/library.js';

/** The data types of sparkplug_b.proto that are written. */
export const dataTypes = { int64: 4, double: 10, boolean: 11, string: 12 } as const;
export type DataType = (typeof dataTypes)[keyof typeof dataTypes];

export type MetricValue = number | boolean | string | null;

export interface Metric {
  /** Births alone name what has an alias. */
  readonly name?: string | undefined;
  readonly alias?: number | undefined;
  /** Epoch milliseconds. */
  readonly timestampMs?: number | undefined;
  readonly datatype: DataType;
  readonly isHistorical?: boolean | undefined;
  readonly value: MetricValue;
}

export interface Payload {
  /** When it is sent, epoch milliseconds. */
  readonly timestampMs?: number | undefined;
  readonly metrics: readonly Metric[];
  /** 0 to 255; a node's death has none. */
  readonly seq?: number | undefined;
}

const varint = 0;
const fixed64 = 1;
const delimited = 2;

const tag = (field: number, wire: number): number => (field << 3) | wire;

/** Writes the Payload message of sparkplug_b.proto. */
export function encodePayload({ timestampMs, metrics, seq }: Payload): Uint8Array {
  const writer = protobuf.Writer.create();
  if (timestampMs !== undefined) {
    writer.uint32(tag(1, varint)).uint64(timestampMs);
  }
  for (const metric of metrics) {
    writer.uint32(tag(2, delimited)).fork();
    writeMetric(writer, metric);
    writer.ldelim();
  }
  if (seq !== undefined) {
    writer.uint32(tag(3, varint)).uint64(seq);
  }
  return writer.finish();
}

function writeMetric(writer: protobuf.Writer, metric: Metric): void {
  const { name, alias, timestampMs, datatype, isHistorical, value } = metric;
  if (name !== undefined) {
    writer.uint32(tag(1, delimited)).string(name);
  }
  if (alias !== undefined) {
    writer.uint32(tag(2, varint)).uint64(alias);
  }
  if (timestampMs !== undefined) {
    writer.uint32(tag(3, varint)).uint64(timestampMs);
  }
  writer.uint32(tag(4, varint)).uint32(datatype);
  if (isHistorical === true) {
    writer.uint32(tag(5, varint)).bool(true);
  }
  if (value === null) {
    writer.uint32(tag(7, varint)).bool(true);
  } else if (typeof value === 'string') {
    writer.uint32(tag(15, delimited)).string(value);
  } else if (typeof value === 'boolean') {
    writer.uint32(tag(14, varint)).bool(value);
  } else if (datatype === dataTypes.int64) {
    writer.uint32(tag(11, varint)).uint64(value);
  } else {
    writer.uint32(tag(13, fixed64)).double(value);
  }
}

/**
 * Returns whether a payload has a metric of that name that is true: such is a command.
 *
 * @throws RangeError, or Error, where the bytes are no payload
 */
export function isTrueIn(bytes: Uint8Array, name: string): boolean {
  const reader = protobuf.Reader.create(bytes);
  let isTrue = false;
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    if (key === tag(2, delimited)) {
      const end = reader.uint32() + reader.pos;
      isTrue = isTrueMetric(reader, end, name) || isTrue;
    } else {
      reader.skipType(key & 7);
    }
  }
  return isTrue;
}

function isTrueMetric(reader: protobuf.Reader, end: number, name: string): boolean {
  let isNamed = false;
  let isTrue = false;
  while (reader.pos < end) {
    const key = reader.uint32();
    if (key === tag(1, delimited)) {
      isNamed = reader.string() === name;
    } else if (key === tag(14, varint)) {
      isTrue = reader.bool();
    } else {
      reader.skipType(key & 7);
    }
  }
  return isNamed && isTrue;
}
