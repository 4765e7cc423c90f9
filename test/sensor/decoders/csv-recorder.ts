import { CsvDecoder } from '#src/sensor/decoders/csv-decoder.js';
import type { CsvOptions } from '#src/sensor/decoders/csv-options.js';
import { DecoderRecorder } from './recorder.js';

export const xyz: CsvOptions = { axes: ['x', 'y', 'z'] };

/** A decoder of lines of numbers, and what it read. */
export class Recorder extends DecoderRecorder<CsvDecoder> {
  constructor(options: CsvOptions = xyz) {
    super(new CsvDecoder(options));
  }
}
