/**
 * Tries the Debian packages for arm64 under qemu: unpacks lstmd and lstmd-node, and has the program say which engine it runs on, compute
 * what Keras computed, and check the configuration of the package. A board is not emulated: no service is started.
 *
 *   npm run package:deb && node scripts/device/test-arm-deb.mjs
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../run.mjs';
import { packages, report, root } from './roots.mjs';

const folder = join(root, 'build/device/arm64-deb');
/** A few of all kinds, since each takes seconds under qemu. */
const cases = ['bidirectional', 'gru-', 'lstm-'];

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const debs = readdirSync(packages).filter((name) => /^lstmd(-node)?_.*_arm64\.deb$/.test(name));
for (const name of debs) {
  run(['dpkg-deb', '-x', join(packages, name), folder]);
}
const library = join(folder, 'usr/lib/lstmd');
const node = join(folder, 'usr/lib/lstmd-node/bin/node');
const program = [
  'qemu-aarch64',
  '-L',
  '/usr/aarch64-linux-gnu',
  node,
  join(library, 'bundle/cli.cjs'),
];
const model = join(library, 'examples/running/running.keras');
const { engine } = JSON.parse(run([...program, 'inspect', model, '--json']).stdout);
let log = `${engine.name === 'native' && engine.target === 'neon' ? 'ok' : 'not ok'} runs on ${engine.name}, ${engine.target}\n`;
const golden = join(root, 'test/golden/cases');
const there = cases.flatMap(
  (one) => readdirSync(golden).find((name) => name.startsWith(one)) ?? [],
);
for (const name of there) {
  const file = readdirSync(join(golden, name)).find((entry) => /^model\.(keras|h5)$/.test(entry));
  if (file !== undefined) {
    run([...program, 'verify', join(golden, name, file), join(golden, name, 'case.json')]);
    log += `ok computes ${name} as Keras\n`;
  }
}
const config = join(folder, 'lstmd.yaml');
writeFileSync(
  config,
  `mqtt: { url: 'mqtt://127.0.0.1' }
streams:
  wearer:
    sensor: { link: /dev/ttyUSB0, rateHz: 26 }
    model: { file: ${model}, mode: continuous, labels: [running] }
`,
);
run([...program, 'run', '--check', '-c', config]);
log += `ok checks a configuration\nok the end\n`;
process.exitCode = report(`arm64, ${debs.join(' and ')}`, log, 'ok the end') ? 0 : 1;
