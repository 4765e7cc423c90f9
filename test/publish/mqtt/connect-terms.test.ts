import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectRefusedError } from '#src/publish/mqtt/connect-refused-error.js';
import { ConnectTerms } from '#src/publish/mqtt/connect-terms.js';

const refusal = (code: number | undefined): ConnectRefusedError =>
  new ConnectRefusedError('refused', code);

test('a refused version is not asked for again, and the next attempt need not wait', () => {
  const terms = new ConnectTerms('5');
  assert.equal(terms.learn(refusal(0x84)), true);
  assert.equal(terms.version, '3.1.1');
  terms.connectionEnded();
  assert.equal(terms.version, '3.1.1');
  assert.equal(terms.learn(refusal(0x84)), false);
});

test('after a hang-up the versions take turns, and after a connection the wanted one is back', () => {
  const terms = new ConnectTerms('5');
  const versions = [1, 2, 3].map(() => {
    assert.equal(terms.learn(refusal(undefined)), false);
    return terms.version;
  });
  assert.deepEqual(versions, ['3.1.1', '5', '3.1.1']);
  terms.connectionEnded();
  assert.equal(terms.version, '5');
});

test('3.1.1 does not give way to 5', () => {
  const terms = new ConnectTerms('3.1.1');
  assert.equal(terms.learn(refusal(undefined)), false);
  assert.equal(terms.version, '3.1.1');
});

test('a will is asked for as far as the broker takes it, each time without a wait', () => {
  const terms = new ConnectTerms('5');
  assert.equal(terms.learn(refusal(0x9a)), true);
  assert.deepEqual(terms.will, { qos: 1, retain: false });
  assert.equal(terms.learn(refusal(0x9b)), true);
  assert.deepEqual(terms.will, { qos: 0, retain: false });
  assert.equal(terms.learn(refusal(0x9b)), false);
});
