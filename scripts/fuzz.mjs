/**
 * `npm run fuzz`: damaged model files, sensor bytes, state slots and configurations, until a number
 * of cases of each is done; fails where one crashes, hangs, takes too much memory or is taken for
 * what it is not. A case is a number: with the same seed it is the same case again.
 *
 *   npm run fuzz -- [--only models|csv|slots|config] [--cases 2000] [--seed N] [--first 0] [specimen ...]
 */
import { parseArgs } from 'node:util';
import { setUp } from './setup.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string' },
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: `${Math.floor(Date.now() / 1000) % 1_000_000}` },
    first: { type: 'string', default: '0' },
  },
});
setUp();
const { fuzz } = await import('../dist/test/model/fuzz/fuzz-run.js');
const { fuzzCases } = await import('../dist/test/fuzz/fuzz-cases.js');
const { csvTarget } = await import('../dist/test/fuzz/csv-target.js');
const { slotTarget } = await import('../dist/test/fuzz/slot-target.js');
const { ConfigTarget } = await import('../dist/test/fuzz/config-target.js');

const run = {
  seed: Number(values.seed),
  first: Number(values.first),
  count: Number(values.cases),
  limitMs: 5_000,
};
const config = new ConfigTarget();
const targets = {
  csv: () => fuzzCases(csvTarget, run),
  slots: () => fuzzCases(slotTarget, run),
  config: () => fuzzCases(config, run),
  models: () => fuzz({ ...run, specimens: positionals, limitRssBytes: 512 * 2 ** 20 }),
};
if (values.only !== undefined && !Object.hasOwn(targets, values.only)) {
  process.stderr.write(`--only is one of ${Object.keys(targets).join(', ')}\n`);
  process.exit(64);
}
let failures = 0;
for (const [name, fuzzTarget] of Object.entries(targets)) {
  if ((values.only ?? name) !== name) continue;
  const report = await fuzzTarget();
  const outcomes = [...report.outcomes].map(([outcome, count]) => `${outcome} ${count}`);
  if (report.peakRssBytes !== undefined) {
    outcomes.push(`peak memory ${Math.round(report.peakRssBytes / 2 ** 20)} MiB`);
  }
  process.stderr.write(`${name}, seed ${run.seed}: ${outcomes.join(', ')}\n`);
  for (const failure of report.failures) process.stderr.write(`FAILED ${failure}\n`);
  failures += report.failures.length;
}
config.close();
process.exit(failures === 0 ? 0 : 1);
