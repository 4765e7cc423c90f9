import { likely, type Finding } from '../../detection/finding.js';
import type { Seen } from '../../detection/seen.js';
import { openToListen } from './detected-port.js';
import { listenOverBauds, usualBauds } from './baud-sweep.js';

/** A format with the speed at which it was heard. */
export interface DetectedFormat extends Finding {
  readonly baudRate: number;
}

/** Holds what a port sends, as far as it can be told by listening. */
export interface Detection {
  readonly port: string;
  /** Formats that read what came, the most confident first. */
  readonly formats: readonly DetectedFormat[];
  /** Holds what came at each speed. */
  readonly heard: readonly (Seen & { readonly baudRate: number })[];
  /** The speeds at which slaves were asked for; undefined where the port was only listened to. */
  readonly polled?: readonly number[];
  /** A slave that answers and gives no register. */
  readonly silentSlave?: { readonly slave: number; readonly baudRate: number };
}

/** The format to be used; undefined where none is at least likely. */
export function likelyFormat({ formats }: Detection): DetectedFormat | undefined {
  const [best] = formats;
  return best !== undefined && best.confidence >= likely ? best : undefined;
}

/**
 * Listens to a port.
 *
 * @param bauds the speeds to try; by default all that are usual
 * @throws LstmdError `sensor.link` where it cannot be opened, with the way out
 */
export async function detectAt(
  port: string,
  bauds: readonly number[] = usualBauds,
  tell?: (baudRate: number) => void,
): Promise<Detection> {
  const open = await openToListen(port, bauds[0] ?? 115_200);
  try {
    const hearings = await listenOverBauds(open, bauds, tell);
    return {
      port,
      formats: hearings
        .flatMap(({ baudRate, findings }) => findings.map((found) => ({ ...found, baudRate })))
        .toSorted((a, b) => b.confidence - a.confidence),
      heard: hearings.map(({ baudRate, seen }) => Object.assign({ baudRate }, seen)),
    };
  } finally {
    await open.close();
  }
}
