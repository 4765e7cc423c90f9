import type { TrialStream } from '../../agent/trial-stream.js';
import type { Log } from '../../base/log.js';

/** Somebody who waits at a terminal is told so soon. */
const firstMs = 5000;

/**
 * Says once of each open sensor that sends nothing at all what may be the matter; bytes that are no sample, and a port
 * that cannot be opened, the sensor tells of itself.
 *
 * @returns a timer, which is to be cleared
 */
export function watchSilence(streams: readonly TrialStream[], log: Log): NodeJS.Timeout {
  const waiting = new Set(streams);
  return setInterval(() => {
    for (const stream of waiting) {
      const { connected, bytes, name, prepared } = stream;
      if (connected && bytes === 0) {
        log.warn(
          { stream: name },
          `${prepared.config.sensor.link} is open, and not one byte has come: is the sensor switched on, and set to ` +
            'send by itself? Are its TX and RX crossed? "lstmd ports" lists the other ports',
        );
      }
      if (connected || bytes > 0) {
        waiting.delete(stream);
      }
    }
  }, firstMs);
}
