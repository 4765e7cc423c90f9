import { z } from '../../../config/option-types.js';
import { fieldFaults, fieldIndexes, fieldsOption, type AxisFields } from '../axis-fields.js';
import type { DeviceClock, Unit } from '../decoder.js';
import { defineDecoder } from '../definition.js';
import { noFrame } from '../frames/frame-buffer.js';
import { FrameDecoder, type FrameFormat, type FrameTaker } from '../frames/frame-decoder.js';
import { AsciiMessages } from './ascii-messages.js';
import { BinaryMessages, mostMessageBytes, sync } from './binary-messages.js';
import { fieldNames, fieldUnits } from './fields.js';

const dollar = 0x24;

type Messages = 'any' | 'ascii' | 'binary';

/** Reads what VectorNav sensors send, in both forms, among NMEA sentences and text of other devices. */
class VectorNavFormat implements FrameFormat {
  readonly name = 'VectorNav';
  readonly axes: number;
  readonly units: readonly (Unit | undefined)[];
  readonly deviceClock: DeviceClock = { time: { wrapMs: undefined } };
  readonly maxFrameBytes = mostMessageBytes;
  readonly expected: string;
  readonly #binary: BinaryMessages | undefined;
  readonly #ascii: AsciiMessages | undefined;

  constructor(section: AxisFields & { readonly messages: Messages }) {
    const names = fieldIndexes(section, fieldNames).map((index) => fieldNames[index] ?? '');
    this.axes = names.length;
    this.units = names.map((name) => fieldUnits[name]);
    this.#binary = section.messages === 'ascii' ? undefined : new BinaryMessages(names);
    this.#ascii = section.messages === 'binary' ? undefined : new AsciiMessages(names);
    this.expected = `messages of VectorNav ($VN... or fa ...) with ${names.join(', ')}`;
  }

  read(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    switch (bytes[at]) {
      case sync:
        return this.#binary?.read(bytes, at, end, taker) ?? noFrame;
      case dollar:
        return this.#ascii?.read(bytes, at, end, taker) ?? noFrame;
      default:
        return noFrame;
    }
  }

  readRun(bytes: Uint8Array, at: number, end: number, taker: FrameTaker): number {
    return bytes[at] === sync ? (this.#binary?.readRun(bytes, at, end, taker) ?? 0) : 0;
  }
}

/** VectorNav VN-100, VN-200, VN-300 and their kin. */
export const vectornav = defineDecoder({
  name: 'vectornav',
  options: {
    fields: fieldsOption,
    messages: z
      .enum(['any', 'ascii', 'binary'])
      .default('any')
      .describe(
        'Messages that rows are taken from, where the sensor sends both with the same fields',
      ),
  },
  faults: (section) => fieldFaults(section, fieldNames),
  signature: {
    isPossible: (bytes) => bytes.includes(sync) || Buffer.from(bytes).includes('$VN'),
  },
  create: (section) => new FrameDecoder(new VectorNavFormat(section)),
});
