import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endAtEarlySignals, hearEarlySignals } from '#src/platform/early-signals.js';
import { stopSignal, aborted } from '#src/commands/terminal/stop-signal.js';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

function listeners(): number[] {
  return signals.map((signal) => process.listenerCount(signal));
}

test('a signal that is under way while the daemon takes over is heard', async (t) => {
  t.after(() => signals.forEach((signal) => process.removeAllListeners(signal)));
  const before = listeners();
  endAtEarlySignals(['run', '-c', 'lstmd.yaml']);
  process.kill(process.pid, 'SIGTERM');
  const stopping = stopSignal();
  // Nothing else keeps the process alive.
  const alive = setInterval(() => undefined, 1000);
  await aborted(stopping);
  clearInterval(alive);
  assert.equal(stopping.reason, 'SIGTERM');
  assert.deepEqual(
    listeners(),
    before.map((count) => count + 1),
  );
});

test('signals to other commands, and to a check, are left alone', (t) => {
  t.after(hearEarlySignals);
  const before = listeners();
  endAtEarlySignals(['predict', 'run']);
  endAtEarlySignals(['run', '--check']);
  endAtEarlySignals([]);
  assert.deepEqual(listeners(), before);
});
