import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { createDecoder } from '#src/sensor/decoders/registry.js';
import { decoderNameOf, encoders } from '#src/simulator/encoders/registry.js';

const axes = ['x', 'y', 'z'];
const chunkRows = 400;
const chunks = 20;
/** For each push a few objects may be made, but none for each of its rows: the smallest has 12 bytes. */
const mostBytesARow = 8;
/** A run with no more is one of compiled code; so many are tried at most. */
const allocationFree = 1;
const mostRuns = 60;
/** The test starts itself anew as the process that is measured. */
const isMeasured = process.argv[2] === 'measure';

if (isMeasured) {
  // A header row among the rows is read as text; and a sensor that is asked gives one row for each request.
  const rowsOnly = encoders.filter(
    ({ name, answering }) => name !== 'csv:openlog' && answering === undefined,
  );
  const used = rowsOnly.map((encoder) => {
    const encode = encoder.create(axes.length);
    const rows = Array.from({ length: chunkRows }, (_, n) =>
      Uint8Array.from(encode(Float32Array.of(n % 16, -(n % 7), 1))),
    );
    const bytes = Buffer.concat(rows);
    const section = { ...encoder.options(axes), decoder: decoderNameOf(encoder), axes };
    const decoder = createDecoder(section);
    const sink = { rows: () => {}, lost: () => {} };
    const run = (): number => {
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      for (let n = 0; n < chunks; n += 1) {
        decoder.push(bytes, sink);
      }
      return (process.memoryUsage().heapUsed - before) / (chunks * chunkRows);
    };
    // Interpreted code makes numbers that compiled code does not, and a busy machine compiles late.
    let least = Infinity;
    for (let n = 0; n < mostRuns && least > allocationFree; n += 1) {
      least = Math.min(least, run());
    }
    return [encoder.name, least];
  });
  process.stdout.write(JSON.stringify(used));
} else {
  describe('every decoder', () => {
    test('allocates nothing for a good row', (t) => {
      const flags = ['--expose-gc', '--max-semi-space-size=64'];
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [...flags, new URL(import.meta.url).pathname, 'measure'],
        { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: '' } },
      );
      assert.notEqual(stdout, '', stderr);
      const used = JSON.parse(stdout) as [name: string, bytesARow: number][];
      for (const [name, bytesARow] of used) {
        t.diagnostic(`${name}: ${bytesARow.toFixed(2)} bytes a row`);
      }
      for (const [name, bytesARow] of used) {
        assert.ok(
          bytesARow < mostBytesARow,
          `${name}: ${bytesARow} bytes a row; of a good one no text, object or function may be made`,
        );
      }
    });
  });
}
