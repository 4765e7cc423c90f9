import { waitForWake } from '../base/wait-for-wake.js';
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
  /** True when the sensor speaks only when it is asked, which nobody did here. */
  readonly isAsked: boolean;
}

const linesWanted = 3;
const shownCharacters = 60;
/** Enough for some lines, and for a look at what is no text. */
const bytesWanted = 1024;

/**
 * Opens a stream's port and listens until it has sent some lines.
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
  await waitForWake(listenMs, (finish) => {
    link.start({
      opened: () => {
        isOpen = true;
      },
      bytes: (chunk, _arrivalMs, isWhole = false) => {
        text += `${Buffer.from(chunk).toString('latin1')}${isWhole ? '\n' : ''}`;
        if (text.length >= bytesWanted || linesOf(text).length > linesWanted) {
          finish();
        }
        // No decoder reads these bytes, so nobody knows of rows.
        return false;
      },
      closed: () => {},
      unavailable: (message) => {
        unavailable = message;
        finish();
      },
    });
  });
  await link.stop();
  const lines = linesOf(text)
    .slice(0, linesWanted)
    .map((line) => line.slice(0, shownCharacters).replaceAll(/[^\x20-\x7e\t]/g, '?'));
  const isAsked = createDecoder(sensor).polling !== undefined;
  return { unavailable: isOpen ? undefined : unavailable, lines, bytes: text.length, isAsked };
}

function linesOf(text: string): string[] {
  return text.split(/[\r\n]+/).filter((line) => line !== '');
}
