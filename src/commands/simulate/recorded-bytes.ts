import { setTimeout as sleep } from 'node:timers/promises';
import { PtyPort } from '../../platform/pty-port.js';
import { openRecording } from '../../recording/recording-reader.js';
import { paced } from '../../sensor/links/recording/pace.js';
import { stopSignal } from '../terminal/stop-signal.js';

/** The port stays open for so long after the last byte: a hang-up throws away what the reader has not taken. */
const lingerMs = 500;

/**
 * Plays the bytes of a recording on a pseudo-terminal at their recorded distances, with its unplugs, until it ends or a
 * signal comes. They begin when a reader has opened the port.
 *
 * @throws LstmdError `recording.unreadable`, `sensor.link` for the port
 */
export async function playRecordedBytes(
  path: string,
  link: string,
  { speed, loop }: { readonly speed: number; readonly loop?: boolean | undefined },
): Promise<void> {
  const stopping = stopSignal();
  const port = new PtyPort(link);
  port.plug();
  process.stderr.write(`lstmd: playing ${path} at ${link}, Ctrl-C ends it\n`);
  try {
    let playsLeft = loop === true ? Infinity : 1;
    for (; playsLeft > 0 && !stopping.aborted; playsLeft -= 1) {
      const { entries } = await openRecording(path);
      for await (const entry of paced(entries, speed, stopping)) {
        if (entry.kind === 'opened') {
          port.plug();
          await port.whenRead(stopping);
        } else if (entry.kind === 'bytes') {
          port.write(Uint8Array.from(entry.bytes));
          if (speed === Infinity) {
            await port.drained(stopping);
          }
        } else if (entry.kind === 'closed' && entry.reason === 'hungUp') {
          await port.drained(stopping);
          port.unplug();
        }
      }
    }
    await port.drained(stopping);
    await sleep(lingerMs, undefined, { signal: stopping });
  } catch (error) {
    if (!stopping.aborted) {
      throw error;
    }
  } finally {
    port.stop();
  }
}
