import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { needsProgram, skipUnlessRequired } from '../support/requirement.js';

const broker = '192.0.2.1';

async function isTold(
  t: TestContext,
  folder: string,
  under: readonly string[],
  code: string,
): Promise<void> {
  const config = writeConfig({ folder, brokerUrl: `mqtt://${broker}`, link: '/dev/ttyNONE' });
  const daemon = new Daemon(t, config, {}, under);
  const { reason } = await daemon.logged(/no connection to the broker/);
  assert.match(String(reason), /this machine forbids it: look at its firewall/);
  assert.ok(String(reason).includes(code), String(reason));
  assert.equal(await daemon.end(), 0, daemon.text);
}

describe('a machine that forbids the connection to the broker', () => {
  test(
    'by a route: the log says where to look',
    { skip: needsProgram('ip', 'iproute2') },
    async (t) => {
      // A network of its own, which only root may have.
      const network = ['-n', 'sh', '-c'];
      const begin = `ip link set lo up && ip route add prohibit ${broker}`;
      if (spawnSync('unshare', [...network, begin]).status !== 0) {
        skipUnlessRequired(t, 'needs root, and a kernel with network namespaces');
        return;
      }
      const under = ['unshare', ...network, `${begin} && exec "$@"`, 'sh'];
      await isTold(t, testFolder(t), under, 'EACCES');
    },
  );

  test(
    'by a filter: the log says where to look',
    { skip: needsProgram('cc', 'gcc') },
    async (t) => {
      const folder = testFolder(t);
      const program = join(folder, 'forbid-connect');
      execFileSync('cc', ['-o', program, projectFile('test/support/forbid-connect.c')]);
      if (spawnSync(program, ['/bin/true']).status !== 0) {
        skipUnlessRequired(t, 'needs a kernel with seccomp');
        return;
      }
      await isTold(t, folder, [program], 'EPERM');
    },
  );
});
