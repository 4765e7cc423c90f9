import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printableText } from '#src/base/printable-text.js';

test('a name cannot command the terminal that it is printed on', () => {
  const text = 'läuft\t\u001B[31mred\u009B2J\u202Egnp\u061C\r\n';
  assert.equal(printableText(text), 'läuft\t\\x1b[31mred\\x9b2J\\u202egnp\\u061c\\x0d\n');
});
