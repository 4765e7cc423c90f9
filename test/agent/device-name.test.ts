import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceNameFault } from '#src/agent/device-name.js';

test('takes the names that devices have, and none that is a path or commands a terminal', () => {
  for (const name of ['left', '24:6f:28:aa', 'esp32_a.1-b', 'Übung', '7']) {
    assert.equal(deviceNameFault(name), undefined, name);
  }
  for (const name of [
    '',
    '.',
    '..',
    '.lock',
    '-a',
    'a b',
    'a\u001b[2J',
    'a\n',
    '$SYS',
    'ü'.repeat(33),
  ]) {
    assert.notEqual(deviceNameFault(name), undefined, name);
  }
});
