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

function propertyBytes({
  version,
  alias,
  expirySeconds,
  properties: constant,
}: PublishHead): number {
  // The length of the properties takes one byte up to 127, and they are shorter.
  return version === '5'
    ? 1 + constant.length + (alias > 0 ? aliasBytes : 0) + (expirySeconds > 0 ? expiryBytes : 0)
    : 0;
}

function remainingBytes(head: PublishHead, payloadBytes: number): number {
  const id = head.qos > 0 ? 2 : 0;
  return 2 + head.topic.length + id + propertyBytes(head) + payloadBytes;
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
  let length = remainingBytes(head, payloadBytes);
  do {
    const rest = Math.floor(length / 128);
    bytes[at] = (length % 128) | (rest > 0 ? 128 : 0);
    at += 1;
    length = rest;
  } while (length > 0);
  at = bytes.writeUInt16BE(head.topic.length, at);
  bytes.set(head.topic, at);
  at += head.topic.length;
  if (head.qos > 0) {
    at = bytes.writeUInt16BE(head.id, at);
  }
  if (head.version === '5') {
    bytes[at] = propertyBytes(head) - 1;
    at += 1;
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

function properties(contentType: string): Buffer {
  const bytes = Buffer.alloc(5 + contentType.length);
  bytes.set([0x01, 1, 0x03]);
  bytes.writeUInt16BE(contentType.length, 3);
  bytes.write(contentType, 5, 'latin1');
  return bytes;
}
