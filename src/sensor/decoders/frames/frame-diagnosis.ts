import type { Diagnosis } from '../decoder.js';
import { diagnoseLines, hex, isText } from '../text/line-diagnosis.js';

/**
 * Tells why bytes that were expected to be frames gave no row.
 *
 * @param bytes the last that came, at least 1
 * @param rejection why the last frame was no row, where that is known
 */
export function diagnoseFrames(
  bytes: Uint8Array,
  name: string,
  counters: { readonly frames: number; readonly badChecksum: number },
  rejection: string | undefined,
): Diagnosis {
  if (counters.frames > 0 && rejection !== undefined) {
    return { shown: hex(bytes), cause: rejection };
  }
  if (isText(bytes)) {
    return {
      shown: diagnoseLines(bytes).shown,
      cause: `these are lines of text, not frames of ${name}: set the sensor to send frames, or sensor.decoder to csv or jsonl`,
    };
  }
  if (counters.badChecksum > counters.frames) {
    return {
      shown: hex(bytes),
      cause: `what begins as a frame of ${name} ends with another checksum: there is noise on the line, or ${rejection ?? 'it is another format'}`,
    };
  }
  return {
    shown: hex(bytes),
    cause:
      `no frame of ${name} is in these bytes: the sensor sends at another baud rate, which sensor.baudRate must name, ` +
      'or it speaks another format, which sensor.decoder must name',
  };
}
