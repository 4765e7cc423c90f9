import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceStatus, type StatusSources } from '#src/agent/service-status.js';

/** Sources of one stream; what else they have the line does not read. */
function sources(steps: number, connected: boolean, isBrokerThere: boolean): StatusSources {
  const stats = { pending: 12, dropped: { expired: 1, full: 2 }, connected: isBrokerThere };
  const health = { connected, steps: { steps } };
  return {
    streams: [{ health }],
    outbox: { stats },
    publisher: { stats },
  } as unknown as StatusSources;
}

test('says sensors, rate since the last line, broker and outbox in one line', () => {
  let nowMs = 0;
  const status = new ServiceStatus(() => nowMs);
  nowMs = 10_000;
  const first = status.line(sources(260, true, true));
  assert.equal(
    first,
    '1 of 1 sensors, 26.0 samples/s, broker connected, outbox 12 pending, 3 dropped',
  );
  nowMs = 20_000;
  const second = status.line(sources(270, false, false));
  assert.equal(second, '0 of 1 sensors, 1.0 samples/s, no broker, outbox 12 pending, 3 dropped');
});

test('a stream that has gone makes no negative rate', () => {
  let nowMs = 0;
  const status = new ServiceStatus(() => nowMs);
  nowMs = 1000;
  status.line(sources(1000, true, true));
  nowMs = 2000;
  assert.match(status.line(sources(0, true, true)), / 0\.0 samples\/s/);
});
