import { crc16Ccitt } from '../frames/checksums.js';
import { noFrame } from '../frames/frame-buffer.js';
import type { FrameTaker } from '../frames/frame-decoder.js';
import { parseDecimal } from '../text/decimal.js';
import { Sentence } from '../text/sentence.js';
import { asciiMessages } from './fields.js';

export const mostSentenceBytes = 256;

/** A message that has all axes: its tag as bytes, and the field of each axis. */
interface Known {
  readonly tag: Uint8Array;
  readonly places: Int32Array;
}

/** ASCII messages of VectorNav, and NMEA sentences of a receiver on the same wire, which are no rows. */
export class AsciiMessages {
  readonly #known: readonly Known[];
  readonly #fields: readonly string[];
  readonly #sentence = new Sentence(mostSentenceBytes, (bytes, start, end) =>
    crc16Ccitt(bytes, start, end, 0),
  );

  constructor(fields: readonly string[]) {
    this.#fields = fields;
    this.#known = [...asciiMessages].flatMap(([tag, names]) => {
      const places = fields.map((name) => names.indexOf(name));
      return places.includes(-1)
        ? []
        : [{ tag: Buffer.from(tag, 'latin1'), places: Int32Array.from(places) }];
    });
  }

  /** As `FrameReader.read`, where `bytes[at]` is a `$`. */
  read(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    const sentence = this.#sentence;
    const verdict = sentence.read(bytes, at, end);
    switch (verdict) {
      case 'none':
        return noFrame;
      case 'unfinished':
        return 0;
      case 'damaged': {
        const isOurs = bytes[at + 1] === 0x56 && bytes[at + 2] === 0x4e;
        return taker.damaged(
          isOurs ? sentence.length : 0,
          'a message of VectorNav has another checksum than its characters',
        );
      }
      case 'good':
        this.#take(bytes, taker);
        return sentence.length;
    }
  }

  #take(bytes: Uint8Array, taker: FrameTaker): void {
    const sentence = this.#sentence;
    for (const { tag, places } of this.#known) {
      if (!sentence.hasTag(bytes, tag)) {
        continue;
      }
      const { rows } = taker;
      const { values, offset } = rows;
      rows.deviceTimeMs = Number.NaN;
      for (let axis = 0; axis < places.length; axis += 1) {
        const field = places[axis] ?? 0;
        values[offset + axis] =
          field < sentence.count
            ? parseDecimal(bytes, sentence.start(field), sentence.end(field), false)
            : Number.NaN;
      }
      taker.add();
      return;
    }
    taker.other(this.#explain(sentence.tag(bytes)));
  }

  #explain(tag: string): string {
    if (tag === 'VNERR') {
      return 'the sensor answers VNERR: a command to it was wrong';
    }
    const names = this.#known.map(({ tag: known }) => Buffer.from(known).toString('latin1'));
    return `the sensor sends ${tag}, and no message with ${this.#fields.join(', ')}: set its asynchronous output (register 6) to one of ${names.join(', ')}`;
  }
}
