import type { Qos } from '../../prediction/record.js';
import type { ProtocolVersion } from '../client-options.js';

/** Content type and payload format indicator, as properties (MQTT 5, 3.3.2.3). */
export const jsonProperties = properties('application/json');

/** Holds what a PUBLISH is made of, beside its payload. One object serves all packets: it is filled anew for each. */
export interface PublishHead {
  version: ProtocolVersion;
  qos: Qos;
  isRetained: boolean;
  /** The topic in UTF-8; empty where its alias is known to the broker. */
  topic: Buffer;
  /** The topic's alias on this connection; 0 for none. */
  alias: number;
  /** How long the broker may keep it, seconds; 0 for ever. MQTT 5 alone can tell it. */
  expirySeconds: number;
  /** Properties that are the same for every packet of a topic; empty for none. */
  properties: Buffer;
  /** Identifier of the packet; without meaning at QoS 0. */
  id: number;
}

const aliasBytes = 3;
const expiryBytes = 5;

/** Bytes of the properties themselves. */
function propertyBytes({ alias, expirySeconds, properties: constant }: PublishHead): number {
  return constant.length + (alias > 0 ? aliasBytes : 0) + (expirySeconds > 0 ? expiryBytes : 0);
}

function remainingBytes(head: PublishHead, payloadBytes: number): number {
  const id = head.qos > 0 ? 2 : 0;
  const own = propertyBytes(head);
  const ofProperties = head.version === '5' ? lengthBytes(own) + own : 0;
  return 2 + head.topic.length + id + ofProperties + payloadBytes;
}

/** Bytes of the remaining length (MQTT 5, 1.5.5): seven bits a byte. */
function lengthBytes(remaining: number): number {
  return remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4;
}

/** Bytes of the whole packet. */
export function publishBytes(head: PublishHead, payloadBytes: number): number {
  const remaining = remainingBytes(head, payloadBytes);
  return 1 + lengthBytes(remaining) + remaining;
}

/**
 * Writes a PUBLISH packet (MQTT 5, 3.3).
 *
 * @param payloadBytes of `payload` in UTF-8
 * @param position where in `bytes` it begins; `publishBytes` are written
 */
export function writePublish(
  head: PublishHead,
  payload: string | Uint8Array,
  payloadBytes: number,
  bytes: Buffer,
  position: number,
): void {
  let at = position;
  bytes[at] = 0x30 | (head.qos << 1) | (head.isRetained ? 1 : 0);
  at += 1;
  at = writeLength(remainingBytes(head, payloadBytes), bytes, at);
  at = bytes.writeUInt16BE(head.topic.length, at);
  bytes.set(head.topic, at);
  at += head.topic.length;
  if (head.qos > 0) {
    at = bytes.writeUInt16BE(head.id, at);
  }
  if (head.version === '5') {
    at = writeLength(propertyBytes(head), bytes, at);
    bytes.set(head.properties, at);
    at += head.properties.length;
    if (head.alias > 0) {
      bytes[at] = 0x23;
      at = bytes.writeUInt16BE(head.alias, at + 1);
    }
    if (head.expirySeconds > 0) {
      bytes[at] = 0x02;
      at = bytes.writeUInt32BE(head.expirySeconds, at + 1);
    }
  }
  if (typeof payload !== 'string') {
    bytes.set(payload, at);
  } else if (payload.length === payloadBytes) {
    // As many bytes as characters: they are ASCII.
    bytes.write(payload, at, 'latin1');
  } else {
    bytes.write(payload, at, 'utf8');
  }
}

/** Writes a length in seven bits a byte; returns where it ends. */
function writeLength(length: number, bytes: Buffer, position: number): number {
  let at = position;
  let left = length;
  do {
    const rest = Math.floor(left / 128);
    bytes[at] = (left % 128) | (rest > 0 ? 128 : 0);
    at += 1;
    left = rest;
  } while (left > 0);
  return at;
}

/** Correlation data as a property: an answer carries that of its request. */
export function correlationProperty(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(3 + data.length);
  bytes[0] = 0x09;
  bytes.writeUInt16BE(data.length, 1);
  bytes.set(data, 3);
  return bytes;
}

function properties(contentType: string): Buffer {
  const bytes = Buffer.alloc(5 + contentType.length);
  bytes.set([0x01, 1, 0x03]);
  bytes.writeUInt16BE(contentType.length, 3);
  bytes.write(contentType, 5, 'latin1');
  return bytes;
}
