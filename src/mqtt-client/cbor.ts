import { decode, encode } from 'cbor2';

/** A JSON text as CBOR (RFC 8949): the same members, each number in the shortest form that holds it exactly. */
export function cborOfJson(json: string): Uint8Array {
  return encode(JSON.parse(json));
}

/** Returns whether a payload is a CBOR map, which no JSON text begins like. */
export function isCborMap(payload: Uint8Array): boolean {
  return ((payload[0] ?? 0) & 0xe0) === 0xa0;
}

/** @throws Error where the bytes are no CBOR */
export function valueOfCbor(payload: Uint8Array): unknown {
  return decode(payload);
}
