import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '#src/base/errors.js';
import { loadAddon } from '#src/platform/addon.js';
import { encoders } from '#src/simulator/encoders/registry.js';
import { MotionSource } from '#src/simulator/motion-source.js';

// Opens a pseudo-terminal and tells its path. At the first message it begins to write rows, as fast as they are read or at a
// rate, and at the next it ends and tells how many it has written. Arguments: the format, and samples a second or 0.

const axes = 3;
/** The counter of a frame goes round with them, so that they can be written again and again. */
const rows = 65_536;
const mostAtOnce = 512;
const motionRateHz = 26;

const [, , format = 'csv', rate = '0'] = process.argv;
const rateHz = Number(rate);
const encoder = encoders.find(({ name }) => name === format);
const encode = encoder?.create(axes) ?? (() => process.exit(64));
const motion = new MotionSource({ seed: 7, rateHz: motionRateHz });
const row = new Float32Array(axes);
const ends = new Uint32Array(rows + 1);
const encoded = Array.from({ length: rows }, (_, n) => {
  motion.next(row);
  const bytes = encode(row);
  ends[n + 1] = (ends[n] ?? 0) + bytes.length;
  return bytes;
});
const bytes = Buffer.concat(encoded);

const { fd, path } = loadAddon().openPty();
// A fresh terminal takes what is written while nobody has it open.
closeSync(openSync(path, constants.O_RDWR | constants.O_NOCTTY));
process.send?.(path);
process.once('disconnect', () => process.exit());
await once(process, 'message');
const ending = new AbortController();
process.once('message', () => ending.abort());
if (format.startsWith('csv')) {
  // A reader takes what comes before the first line end for half a line.
  await write(Buffer.from('\r\n'));
}
const startMs = performance.now();
let sent = 0;
while (!ending.signal.aborted) {
  const due = rateHz === 0 ? Infinity : ((performance.now() - startMs) * rateHz) / 1000;
  const first = sent % rows;
  const count = Math.floor(Math.min(due - sent, rows - first, mostAtOnce));
  if (count > 0) {
    await write(bytes.subarray(ends[first], ends[first + count]));
    sent += count;
  }
  await (count > 0 ? setImmediate() : sleep(1));
}
process.send?.(sent);
// The listener keeps this process until the other side disconnects: what nobody has read yet would be lost with the terminal.
process.on('message', () => {});

/** Writes all of it, however long the reader lets it wait. */
async function write(chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    try {
      at += writeSync(fd, chunk, at);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') {
        throw error;
      }
      await sleep(1);
    }
  }
}
