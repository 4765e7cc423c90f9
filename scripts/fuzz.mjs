/**
 * `npm run fuzz`: loads damaged model files until a number of cases is done; fails where one
 * crashes, hangs or takes too much memory.
 *
 *   npm run fuzz -- [--cases 2000] [--seed N] [--first 0] [specimen ...]
 */
import { parseArgs } from 'node:util';
import { setUp } from './setup.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: `${Math.floor(Date.now() / 1000) % 1_000_000}` },
    first: { type: 'string', default: '0' },
  },
});
setUp();
const { fuzz } = await import('../dist/test/model/fuzz/fuzz-run.js');
const report = await fuzz({
  seed: Number(values.seed),
  first: Number(values.first),
  count: Number(values.cases),
  specimens: positionals,
  limitMs: 5_000,
  limitRssBytes: 512 * 2 ** 20,
});
for (const [outcome, count] of report.outcomes) process.stderr.write(`${outcome}: ${count}\n`);
process.stderr.write(`peak memory: ${Math.round(report.peakRssBytes / 2 ** 20)} MiB\n`);
for (const failure of report.failures) process.stderr.write(`FAILED ${failure}\n`);
process.exit(report.failures.length === 0 ? 0 : 1);
