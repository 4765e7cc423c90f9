import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ProgressBar } from '#src/commands/terminal/progress-bar.js';

/** Returns what is written of updates at these moments, milliseconds after the start. */
function writtenAt(isTTY: boolean, moments: readonly number[]): string[] {
  const written: string[] = [];
  let nowMs = 50;
  const out = { isTTY, columns: 60, write: (text: string) => written.push(text) > 0 };
  const bar = new ProgressBar('evaluating', out, () => nowMs);
  for (const moment of moments) {
    nowMs = 50 + moment;
    bar.update(moment / 20_000, 'day\u001b.csv');
  }
  bar.end();
  return written;
}

describe('ProgressBar', () => {
  test('shows nothing of what takes less than a second', () => {
    assert.deepEqual(writtenAt(true, [10, 500, 999]), []);
  });

  test('draws a bar on a terminal, no wider than it, and takes it away', () => {
    const written = writtenAt(true, [1000, 1100, 5000]);
    assert.equal(written.length, 3);
    assert.match((written[1] ?? '').slice(4), /^evaluating █+░+ 25 %, 15 s left/);
    assert.equal(written.at(-1), '\r\u001b[K');
    for (const text of written) {
      assert.ok(text.slice(4).length < 60);
      assert.ok(!text.slice(4).includes('\u001b'));
    }
  });

  test('writes a line now and then into what is no terminal', () => {
    assert.deepEqual(writtenAt(false, [1000, 9000, 10_000, 12_000]), [
      'lstmd: evaluating: 50 %, day\\x1b.csv\n',
    ]);
  });
});
