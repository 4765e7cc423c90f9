import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listenOverBauds, type ListenedPort } from '#src/commands/detect/baud-sweep.js';

test('hears lines behind bytes of the speed before', async (t) => {
  const garbage = Uint8Array.from({ length: 40 }, (_, n) => 0x80 | (37 * n));
  let give: ((bytes: Uint8Array, arrivalMs: number) => void) | undefined;
  let baud = 115_200;
  /** Chunks that were on their way when the speed was changed. */
  let late = 0;
  let row = 0;
  const port: ListenedPort = {
    read: (onBytes) => {
      give = onBytes;
      return new Promise(() => undefined);
    },
    setBaudRate: (baudRate) => {
      baud = baudRate;
      late = 6;
      return Promise.resolve();
    },
  };
  const timer = setInterval(() => {
    late -= 1;
    row += 1;
    const line = `${(row % 7) / 100},${(row % 5) / 50},${9.8 + (row % 3) / 100}\r\n`;
    const isGarbled = baud !== 9600 || late > 0;
    give?.(isGarbled ? garbage : Buffer.from(line), performance.now());
  }, 20);
  t.after(() => clearInterval(timer));
  const hearings = await listenOverBauds(port, [115_200, 9600, 57_600]);
  const best = hearings.find(({ baudRate }) => baudRate === 9600)?.findings[0];
  assert.equal(best?.decoder, 'csv', JSON.stringify(hearings));
  assert.ok(best.confidence > 0.9);
});
