/**
 * Builds the image of deploy/container/Dockerfile without an engine and without a registry: by buildah, on a root of Debian 13 in the place of
 * the base; and runs it as it is meant to be, as its own user on a root that cannot be written.
 *
 *   npm run package:deb && sudo node scripts/device/test-container.mjs
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../run.mjs';
import { bareRoot, report, root } from './roots.mjs';

const storage = join(root, 'build/containers');
const env = { ...process.env, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };
const buildah = (...args) =>
  run(['buildah', '--root', join(storage, 'root'), '--runroot', join(storage, 'run'), ...args], {
    env,
    cwd: root,
  }).stdout.trim();

rmSync(storage, { recursive: true, force: true });
mkdirSync(storage, { recursive: true });
const base = buildah('from', 'scratch');
buildah('copy', '-q', base, bareRoot('trixie', 'base'), '/');
buildah('config', '--env', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', base);
buildah('commit', '-q', base, 'localhost/debian-trixie');
const file = ['-f', 'deploy/container/Dockerfile', '--build-arg', 'BASE=localhost/debian-trixie'];
buildah('bud', '--platform', 'linux/amd64', ...file, '-t', 'localhost/lstmd', '.');
const image = JSON.parse(buildah('inspect', '--type', 'image', 'localhost/lstmd')).OCIv1.config;
const container = buildah('from', 'localhost/lstmd');
const config = join(storage, 'lstmd.yaml');
writeFileSync(
  config,
  `device: box
mqtt: { url: 'mqtt://127.0.0.1:9' }
streams:
  wearer:
    sensor: { link: /dev/none, rateHz: 26 }
    model: { file: /usr/lib/lstmd/examples/running/running.keras, mode: continuous, labels: [running] }
`,
);
const mounts = ['-v', `${config}:/etc/lstmd/lstmd.yaml:ro`];
const inside = (...words) => buildah('run', ...mounts, container, '--', ...words);
// Once it runs it is sent what a stop of the container would send.
const life = [
  'cd /var/lib/lstmd',
  'lstmd run -c /etc/lstmd/lstmd.yaml >log 2>&1 &',
  `for n in $(seq 600); do grep -q '"msg":"running"' log && break; sleep 0.2; done`,
  'kill $! && wait $!',
  'echo "code $?"; cat log; echo "user $(id -u)"; ls',
];
const ended = inside('sh', '-c', life.join('\n'));
const checks = {
  'runs as its own user': image.User === '10001:20' && ended.includes('\nuser 10001\n'),
  'has its volume': Object.keys(image.Volumes).join() === '/var/lib/lstmd',
  'computes natively':
    JSON.parse(
      inside('lstmd', 'inspect', '/usr/lib/lstmd/examples/running/running.keras', '--json'),
    ).engine.name === 'native',
  'starts, and stops by SIGTERM with its state kept':
    /^code 0$/m.test(ended) && /"msg":"stopped"/.test(ended) && /^boot$/m.test(ended),
};
const log = Object.entries(checks)
  .map(([what, isSo]) => `${isSo ? 'ok' : 'not ok'} ${what}\n`)
  .join('');
const isGood = report('the image', `${log}ok the end\n`, 'ok the end');
if (!isGood) {
  process.stdout.write(`${ended}\n`);
}
process.exitCode = isGood ? 0 : 1;
