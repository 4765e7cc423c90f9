import { once } from 'node:events';
import { SerialPort } from 'serialport';
import { openSerialPort } from '#src/sensor/links/serial/serial-port.js';
import { measuredLines, warmUpLines } from './line-protocol.js';

// Reads lines from a tty in the way that the first argument names, and tells the parent once that it is
// ready and once what it measured.

export type ReaderName = 'serialport' | 'tty';

/** The cost of the measured lines. */
export interface ReaderResult {
  readonly cpuMs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly switchesPerLine: number;
}

const [, , name, path = ''] = process.argv;
const baudRate = 115_200;

if (name === 'serialport') {
  const port = new SerialPort({ path, baudRate });
  await once(port, 'open');
  port.on('data', countLines());
} else {
  const port = await openSerialPort({ path, baudRate });
  void port.read(countLines());
}
process.send?.('ready');

/** Takes chunks of bytes; after the warm-up it measures a fixed number of lines. */
function countLines(): (chunk: Uint8Array) => void {
  const latenciesUs = new Float64Array(measuredLines);
  let lines = 0;
  let cpuBefore = process.cpuUsage();
  let switchesBefore = 0;
  return (chunk) => {
    const now = process.hrtime.bigint();
    for (const line of Buffer.from(chunk).toString('latin1').split('\n')) {
      if (!line.endsWith('\r')) {
        continue;
      }
      lines += 1;
      if (lines === warmUpLines) {
        cpuBefore = process.cpuUsage();
        switchesBefore = process.resourceUsage().voluntaryContextSwitches;
      }
      if (lines > warmUpLines && lines <= warmUpLines + measuredLines) {
        const sent = BigInt(line.slice(0, line.indexOf(',')));
        latenciesUs[lines - warmUpLines - 1] = Number(now - sent) / 1000;
      }
      if (lines === warmUpLines + measuredLines) {
        const { user, system } = process.cpuUsage(cpuBefore);
        latenciesUs.sort();
        process.send?.({
          cpuMs: (user + system) / 1000,
          p50Us: latenciesUs[measuredLines / 2] ?? Number.NaN,
          p99Us: latenciesUs[measuredLines * 0.99] ?? Number.NaN,
          switchesPerLine:
            (process.resourceUsage().voluntaryContextSwitches - switchesBefore) / measuredLines,
        } satisfies ReaderResult);
      }
    }
  };
}
