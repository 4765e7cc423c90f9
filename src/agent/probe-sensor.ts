import { waitForWake } from '../base/wait-for-wake.js';
import type { Diagnosis } from '../sensor/decoders/decoder.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { createLink } from '../sensor/links/registry.js';
import type { StreamConfig } from './config-schema.js';

/** Holds what a sensor showed within a moment. */
export interface SensorProbe {
  /** Why its port could not be opened; undefined where it was. */
  readonly unavailable: string | undefined;
  /** The first of its lines, with `?` for bytes that cannot be printed. */
  readonly lines: readonly string[];
  /** Bytes that came. */
  readonly bytes: number;
  /** Says what the bytes are, where enough came and none became a row. */
  readonly diagnosis: Diagnosis | undefined;
  /** True when the sensor speaks only when it is asked, which nobody did here. */
  readonly isAsked: boolean;
}

const linesWanted = 3;
const shownCharacters = 60;
/** Enough for some lines, and for a look at what is no text. */
const bytesWanted = 1024;
/** No line or frame of the formats is longer. */
const bytesToJudge = 512;

/**
 * Opens a stream's port and listens until it has sent some lines and the decoder has read a row. A board that boots may
 * send other lines first.
 *
 * @param listenMs how long at most
 */
export async function probeSensor(
  { sensor }: StreamConfig,
  listenMs: number,
): Promise<SensorProbe> {
  const link = createLink(sensor);
  let isOpen = false;
  let unavailable: string | undefined;
  let text = '';
  let bytes = 0;
  let rows = 0;
  const decoder = createDecoder(sensor);
  const sink = {
    rows: (_values: Float32Array, count: number): void => {
      rows += count;
    },
    lost: (): void => {},
  };
  await waitForWake(listenMs, (finish) => {
    link.start({
      opened: () => {
        isOpen = true;
        decoder.reset();
      },
      bytes: (chunk, _arrivalMs, isWhole = false) => {
        bytes += chunk.length;
        if (text.length < bytesWanted) {
          text += `${Buffer.from(chunk).toString('latin1')}${isWhole ? '\n' : ''}`;
        }
        if (isWhole) {
          decoder.boundary?.(sink);
        }
        decoder.push(chunk, sink);
        if (isWhole) {
          decoder.boundary?.(sink);
        }
        if (rows > 0 && (text.length >= bytesWanted || linesOf(text).length > linesWanted)) {
          finish();
        }
        return rows > 0;
      },
      closed: () => {},
      unavailable: (message) => {
        unavailable = message;
        finish();
      },
    });
  });
  await link.stop();
  const all = linesOf(text);
  // The first line or frame may have been cut, and a slow sensor has sent no other yet.
  const isEnough = all.length > 2 || text.length >= bytesToJudge;
  const lines = all
    .slice(0, linesWanted)
    .map((line) => line.slice(0, shownCharacters).replaceAll(/[^\x20-\x7e\t]/g, '?'));
  const isAsked = decoder.polling !== undefined;
  return {
    unavailable: isOpen ? undefined : unavailable,
    lines,
    bytes,
    diagnosis: isEnough && rows === 0 ? decoder.diagnose(Buffer.from(text, 'latin1')) : undefined,
    isAsked,
  };
}

function linesOf(text: string): string[] {
  return text.split(/[\r\n]+/).filter((line) => line !== '');
}
