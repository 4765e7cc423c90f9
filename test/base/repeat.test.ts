import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeat } from '#src/base/repeat.js';
import { RecordedLog } from '../support/recorded-log.js';

test('an act that fails is a log line, the first time, and is done again', async () => {
  const log = new RecordedLog();
  let times = 0;
  await new Promise<void>((resolve) => {
    const timer = repeat(1, 'the act', log, () => {
      times += 1;
      if (times === 5) {
        clearInterval(timer);
        resolve();
      }
      if (times % 2 === 0) {
        return Promise.reject(new Error('EMFILE'));
      }
      throw new Error('EMFILE');
    });
  });
  assert.deepEqual(
    log.lines.map(({ level, message, fields }) => ({ level, message, fields })),
    [{ level: 'error', message: 'the act failed', fields: { reason: 'EMFILE', failures: 1 } }],
  );
});
