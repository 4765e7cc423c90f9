import type { Qos } from '../prediction/record.js';
import type { ProtocolVersion } from './client-options.js';

export const contentType = 'application/json';

/** Content type and payload format indicator, each with its identifier (MQTT 5, 3.3.2.3). */
const commonPropertyBytes = 1 + 2 + contentType.length + 2;
const expiryPropertyBytes = 5;

/** Bytes of a PUBLISH packet with the properties that a `Session` gives it. */
export function publishBytes(
  version: ProtocolVersion,
  topic: string,
  payload: string,
  qos: Qos,
  hasExpiry: boolean,
): number {
  const identifier = qos > 0 ? 2 : 0;
  // The length of the properties takes one byte up to 127.
  const properties =
    version === '5' ? 1 + commonPropertyBytes + (hasExpiry ? expiryPropertyBytes : 0) : 0;
  const remaining =
    2 + Buffer.byteLength(topic) + identifier + properties + Buffer.byteLength(payload);
  // Remaining length (MQTT 5, 1.5.5): seven bits a byte.
  const lengthBytes = remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4;
  return 1 + lengthBytes + remaining;
}
