import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DropWatch } from '#src/agent/drop-watch.js';
import { Accounts } from '#src/publish/outbox/contract/accounts.js';
import { RecordedLog } from '../support/recorded-log.js';

test('records that are dropped are said when it begins, and again after a minute without', () => {
  const accounts = new Accounts();
  const log = new RecordedLog();
  const watch = new DropWatch(() => accounts.dropped, log);
  const looks = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      watch.look();
    }
  };
  // Those of earlier starts are no news, nor is what the broker refused.
  accounts.settle('overflow', 5);
  looks(2);
  accounts.settle('refused');
  looks(1);
  assert.equal(log.lines.length, 0);
  accounts.settle('overflow');
  looks(1);
  accounts.settle('expired', 3);
  looks(1);
  assert.deepEqual(
    log.lines.map(({ level, fields }) => [level, fields]),
    [['warn', { overflow: 6, expired: 0 }]],
  );
  looks(59);
  accounts.settle('overflow');
  looks(1);
  assert.equal(log.lines.length, 1);
  looks(60);
  accounts.settle('expired');
  looks(1);
  assert.deepEqual(log.lines[1]?.fields, { overflow: 7, expired: 4 });
});
