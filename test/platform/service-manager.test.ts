import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServiceManager } from '#src/platform/service-manager.js';
import { needsProgram } from '../support/requirement.js';

test(
  'tells systemd that it is ready, alive and stopping',
  { skip: needsProgram('socat', 'socat') },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lstmd-notify-'));
    const socket = join(folder, 'notify');
    const watcher = watch(folder);
    const receiver = spawn('socat', ['-u', `UNIX-RECV:${socket}`, 'STDOUT'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      while (!existsSync(socket)) {
        await once(watcher, 'change');
      }
      const manager = new ServiceManager({ NOTIFY_SOCKET: socket });
      manager.start();
      manager.ready('2 streams');
      manager.alive();
      manager.stopping();
      let text = '';
      for await (const chunk of receiver.stdout) {
        text += String(chunk);
        if (text.includes('STOPPING=1')) {
          break;
        }
      }
      assert.equal(text, 'READY=1\nSTATUS=2 streamsWATCHDOG=1STOPPING=1');
    } finally {
      receiver.kill();
      watcher.close();
      rmSync(folder, { recursive: true });
    }
  },
);

test('asks for half of the time that systemd allows, and only in the process it names', () => {
  const watchdogUs = '20000000';
  assert.equal(new ServiceManager({ WATCHDOG_USEC: watchdogUs }).watchdogIntervalMs, 10_000);
  assert.equal(
    new ServiceManager({ WATCHDOG_USEC: watchdogUs, WATCHDOG_PID: '1' }).watchdogIntervalMs,
    null,
  );
  assert.equal(new ServiceManager({}).watchdogIntervalMs, null);
});

test('does nothing outside of systemd', () => {
  assert.doesNotThrow(() => new ServiceManager({}).ready('alone'));
});
