import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { portsText, reportPorts } from '#src/commands/ports/action.js';
import { runCommand } from '../support/command.js';
import { testFolder } from '../support/daemon.js';

describe('lstmd ports', () => {
  test('says who holds a port', async (t) => {
    const device = join(testFolder(t), 'ttyUSB0');
    writeFileSync(device, '');
    const port = { device, byId: null, usb: null };
    const [free] = await reportPorts([port]);
    assert.deepEqual([free?.mayOpen, free?.remedy, free?.holders?.length ?? 0], [true, null, 0]);
    const fd = openSync(device, 'r+');
    const [held] = await reportPorts([port]);
    closeSync(fd);
    assert.deepEqual(
      held?.holders?.map(({ pid }) => pid),
      [process.pid],
    );
    assert.match(portsText(held === undefined ? [] : [held]), new RegExp(`\\(${process.pid}\\)`));
  });

  test('names the command that lets a user open a port', async (t) => {
    const folder = testFolder(t);
    const device = join(folder, 'ttyUSB0');
    writeFileSync(device, '');
    chmodSync(device, 0o660);
    chmodSync(folder, 0o755);
    const report = `
      const { accessRemedy } = await import(${JSON.stringify(new URL('../../../dist/platform/file-access.js', import.meta.url).href)});
      if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
      else { (await import('node:fs')).chmodSync(${JSON.stringify(device)}, 0o060); }
      process.stdout.write(String(await accessRemedy(${JSON.stringify(device)})));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', report], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await once(child, 'close');
    assert.match(
      text,
      /^sudo (usermod -aG \S+ \S+, and log in again|chmod a\+rw .*ttyUSB0, until)/,
    );
  });

  test('gives a list to a program, and a sentence to a person where there is none', async () => {
    const { code, stdout } = await runCommand(['ports', '--json']);
    assert.equal(code, 0);
    const list: unknown = JSON.parse(stdout);
    assert.ok(Array.isArray(list));
    const plain = await runCommand(['ports']);
    assert.equal(plain.code, 0);
    assert.match(list.length === 0 ? plain.stderr : plain.stdout, /no serial port|held by/);
  });
});
