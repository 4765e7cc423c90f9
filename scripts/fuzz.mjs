/**
 * `npm run fuzz`: loads damaged model files until a number of cases is done, then gives the kernel
 * damaged programs for a time; fails where one crashes, hangs or takes too much memory.
 *
 *   npm run fuzz -- [--cases 2000] [--seed N] [--first 0] [--kernel-seconds 300] [specimen ...]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isInstalled } from './build-tools.mjs';
import { setUp } from './setup.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: `${Math.floor(Date.now() / 1000) % 1_000_000}` },
    first: { type: 'string', default: '0' },
    'kernel-seconds': { type: 'string', default: '300' },
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
process.exit(fuzzKernel() && report.failures.length === 0 ? 0 : 1);

function fuzzKernel() {
  const seconds = values['kernel-seconds'];
  if (Number(seconds) === 0) return true;
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
