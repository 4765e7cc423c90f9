import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RepeatedLine } from '#src/base/repeated-line.js';

test('a line is written at once, then counted, and said once a minute while it goes on', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const written: string[] = [];
  const line = new RepeatedLine((fields, message) => {
    written.push(`${message} ${JSON.stringify(fields)}`);
  });
  for (let ms = 0; ms < 150_000; ms += 5) {
    line.say({ ms }, 'exploded');
    t.mock.timers.tick(5);
  }
  assert.deepEqual(written, [
    'exploded {"ms":0}',
    'exploded {"ms":59995,"times":11999}',
    'exploded {"ms":119995,"times":12000}',
  ]);
  line.flush();
  assert.deepEqual(written.slice(3), ['exploded {"ms":149995,"times":6000}']);
});

test('a line is written at once again after a minute without it', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const written: object[] = [];
  const line = new RepeatedLine((fields) => written.push(fields), 2);
  for (let n = 0; n < 3; n += 1) {
    line.say({ n }, '');
  }
  assert.deepEqual(written, [{ n: 0 }, { n: 1 }]);
  t.mock.timers.tick(60_000);
  assert.deepEqual(written.slice(2), [{ n: 2, times: 1 }]);
  t.mock.timers.tick(60_000);
  line.say({ n: 3 }, '');
  assert.deepEqual(written.slice(3), [{ n: 3 }]);
  line.flush();
  assert.equal(written.length, 4);
});
