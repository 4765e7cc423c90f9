import assert from 'node:assert/strict';
import type { Decoder } from '#src/sensor/decoders/decoder.js';
import { createDecoder } from '#src/sensor/decoders/registry.js';
import { assertReadHoweverCut, DecoderRecorder, type DecodedEvent } from './recorder.js';

/** Holds what comes when nothing does: a length that a flipped bit made must have been waited for in vain. */
const quiet = new Uint8Array(1024);

/** Bytes from hex, blanks aside. */
export function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
}

/** A decoder from a `sensor` section, with the axes x, y and z where it names none. */
export function decoderOf(section: { readonly decoder: string; readonly [name: string]: unknown }) {
  return createDecoder({ axes: ['x', 'y', 'z'], ...section });
}

/** The rows with each reading rounded to so many digits behind the point. */
export function rounded(events: readonly DecodedEvent[], digits = 4): DecodedEvent[] {
  return events.map((event) =>
    event === 'lost' ? event : event.map((reading) => Number(reading.toFixed(digits)) + 0),
  );
}

/**
 * Checks what every format of frames owes: frames among noise are all found; a frame with any bit flipped costs its own
 * row alone, and no wrong one is read; a frame that is cut off costs no other; and everything is the same however
 * the bytes are cut.
 *
 * @param frames good frames of a row each, the first of which is damaged
 */
export function assertFindsItsWay(
  create: () => Decoder,
  frames: readonly Uint8Array[],
  options: { readonly noise?: Uint8Array } = {},
): void {
  const { noise = bytesOf('00 ff 55 aa fa 24 0a 41') } = options;
  const good = new DecoderRecorder(create()).push(Buffer.concat(frames)).events;
  assert.equal(good.length, frames.length);
  const [first = new Uint8Array(), ...rest] = frames;
  const among = Buffer.concat(frames.flatMap((frame) => [noise, frame]));
  const rowsAmong = new DecoderRecorder(create())
    .push(among)
    .events.filter((event) => event !== 'lost');
  assert.deepEqual(rowsAmong, good, 'frames among noise');

  for (let bit = 0; bit < 8 * first.length; bit += 1) {
    const damaged = Uint8Array.from(first);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const recorder = new DecoderRecorder(create());
    recorder.push(Buffer.concat([...frames, damaged, ...rest, quiet]));
    const rows = recorder.events.filter((event) => event !== 'lost');
    assert.deepEqual(rows, [...good, ...good.slice(1)], `bit ${bit} flipped`);
    assert.ok(recorder.events.length - rows.length <= 1, `bit ${bit}: more than one row is lost`);
    const { bytes, skippedBytes, badChecksum } = recorder.decoder.counters;
    assert.ok((skippedBytes ?? 0) > quiet.length / 2, `bit ${bit}: nothing is counted`);
    assert.ok((badChecksum ?? 0) >= 0);
    const sizes = [...frames, damaged, ...rest, quiet].map(({ length }) => length);
    assert.equal(
      bytes,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  }
  for (let length = 1; length < first.length; length += 1) {
    const recorder = new DecoderRecorder(create());
    recorder.push(Buffer.concat([...frames, first.subarray(0, length), ...rest, quiet]));
    const rows = recorder.events.filter((event) => event !== 'lost');
    assert.deepEqual(rows.slice(0, good.length), good);
    assert.deepEqual(rows.slice(-1), good.slice(-1), `cut off at ${length}`);
  }
  const last = Uint8Array.from(first);
  last[first.length >> 1] = (last[first.length >> 1] ?? 0) ^ 0x40;
  assertReadHoweverCut(create, Buffer.concat([noise, ...frames, last, noise, ...frames]));
}
