/**
 * `npm run fuzz`: gives a number of damaged model files, sensor bytes, state slots, records on disk and
 * configurations to what reads them, and damaged programs to the kernel for a time. It fails where one
 * crashes, hangs, takes too much memory or is accepted as something it is not. A case is a number:
 * with the same seed it is the same case again.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.mjs';
import { isInstalled } from './build-tools.mjs';
import { setUp } from './setup.mjs';

const names = ['csv', 'slots', 'log', 'config', 'models', 'kernel'];
const help = `npm run fuzz [-- [OPTION...] [SPECIMEN...]]

Gives damaged files, bytes, records and configurations to what reads them, and damaged programs to the kernel. Specimens are those of the
models; default all.

--only NAME            one of ${names.join(', ')}
--cases 2000           so many cases of each
--seed N               the same seed makes the same cases; default the time
--first 0              number of the first case, to have one again
--kernel-seconds 300   time for the kernel; 0: not at all`;
const { values, words: specimens } = readArguments(help, {
  words: null,
  options: {
    only: { type: 'string', choices: names },
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: `${Math.floor(Date.now() / 1000) % 1_000_000}` },
    first: { type: 'string', default: '0' },
    'kernel-seconds': { type: 'string', default: '300' },
  },
});
await setUp();
const { fuzz } = await import('../build/test/fuzz/model/fuzz-run.js');
const { fuzzCases } = await import('../build/test/fuzz/fuzz-cases.js');
const { csvTarget } = await import('../build/test/fuzz/csv-target.js');
const { slotTarget } = await import('../build/test/fuzz/slot-target.js');
const { logTarget } = await import('../build/test/fuzz/log-target.js');
const { ConfigTarget } = await import('../build/test/fuzz/config-target.js');

const run = {
  seed: Number(values.seed),
  first: Number(values.first),
  count: Number(values.cases),
  limitMs: 180_000,
};
const config = new ConfigTarget();
const targets = {
  csv: () => fuzzCases(csvTarget, run),
  slots: () => fuzzCases(slotTarget, run),
  log: () => fuzzCases(logTarget, run),
  config: () => fuzzCases(config, run),
  models: () => fuzz({ ...run, specimens, limitRssBytes: 512 * 2 ** 20 }),
};
let failures = 0;
for (const [name, fuzzTarget] of Object.entries(targets)) {
  if ((values.only ?? name) !== name) {
    continue;
  }
  const report = await fuzzTarget();
  const outcomes = [...report.outcomes].map(([outcome, count]) => `${outcome} ${count}`);
  if (report.peakRssBytes !== undefined) {
    outcomes.push(`peak memory ${Math.round(report.peakRssBytes / 2 ** 20)} MiB`);
  }
  process.stderr.write(`${name}, seed ${run.seed}: ${outcomes.join(', ')}\n`);
  for (const failure of report.failures) {
    process.stderr.write(`FAILED ${failure}\n`);
  }
  failures += report.failures.length;
}
config.close();
if ((values.only ?? 'kernel') === 'kernel' && !fuzzKernel()) {
  failures += 1;
}
process.exit(failures === 0 ? 0 : 1);

/** Fuzzes the kernel; gives false where it did not hold. Where it cannot be fuzzed here, that is printed. */
function fuzzKernel() {
  const seconds = values['kernel-seconds'];
  if (Number(seconds) === 0) {
    return true;
  }
  if (!isInstalled('clang++')) {
    process.stderr.write(
      'the kernel was not fuzzed: clang++ not found; run: apt-get install clang\n',
    );
    return true;
  }
  const build = fileURLToPath(new URL('build-native.mjs', import.meta.url));
  const args = [build, '--fuzz', '--seconds', seconds];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status === 0;
}
