import type { Log } from '../base/log.js';
import { RepeatedLine } from '../base/repeated-line.js';

/** A sensor may come and go a few times a minute before its coming and going is only counted. */
const linkLinesAMinute = 6;

/** The lines that a sensor's bytes and its link can cause in the log. */
export type SensorLines = ReturnType<typeof sensorLines>;

export function sensorLines(log: Log) {
  const info = (fields: object, message: string): void => log.info(fields, message);
  const warn = (fields: object, message: string): void => log.warn(fields, message);
  return {
    header: new RepeatedLine(info),
    rate: new RepeatedLine(warn),
    clock: new RepeatedLine(warn),
    opened: new RepeatedLine(info, linkLinesAMinute),
    closed: new RepeatedLine(warn, linkLinesAMinute),
    unavailable: new RepeatedLine(warn, linkLinesAMinute),
    noticed: new RepeatedLine(warn),
    lost: new RepeatedLine(warn),
    unread: new RepeatedLine(warn),
  };
}
