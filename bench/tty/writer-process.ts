import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { loadAddon } from '#src/platform/addon.js';
import { measuredLines, rateHz, warmUpLines } from './line-protocol.js';

// Opens a pseudo-terminal and tells its path. At any message it begins to send a line a millisecond: the
// monotonic time, and two fields as a sensor adds them.

const { fd, path } = loadAddon().openPty();
process.send?.(path);
await once(process, 'message');
const startMs = performance.now();
let sent = 0;

function sendDueLines(): void {
  const due = Math.floor(((performance.now() - startMs) * rateHz) / 1000);
  for (; sent < due; sent += 1) {
    writeSync(fd, `${process.hrtime.bigint()},-276,-85\r\n`);
  }
  if (sent < warmUpLines + measuredLines + 1000) {
    setTimeout(sendDueLines, 1);
  }
}

sendDueLines();
