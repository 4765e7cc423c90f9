import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectRefusedError } from '#src/mqtt-client/connect-refused-error.js';
import { ConnectTerms } from '#src/publish/mqtt/connect-terms.js';

const refusal = (code: number | undefined): ConnectRefusedError =>
  new ConnectRefusedError('refused', code);
const hangUp = new ConnectRefusedError('the broker closed it', undefined, true);
const silence = new ConnectRefusedError('no answer', undefined);

test('a refused version is not asked for again, and the next attempt need not wait', () => {
  const terms = new ConnectTerms('5');
  assert.equal(terms.learn(refusal(0x84)), true);
  assert.equal(terms.version, '3.1.1');
  assert.equal(terms.accepted(), true);
  assert.equal(terms.version, '3.1.1');
  assert.equal(terms.learn(refusal(0x84)), false);
});

test('after hang-ups the versions take turns, and 3.1.1 is used once 5 has failed beside it', () => {
  const terms = new ConnectTerms('5');
  const versions = [1, 2, 3].map(() => {
    assert.equal(terms.learn(hangUp), false);
    return terms.version;
  });
  assert.deepEqual(versions, ['3.1.1', '5', '3.1.1']);
  assert.equal(terms.accepted(), false);
  assert.equal(terms.version, '5');
  assert.equal(terms.learn(hangUp), true);
  assert.equal(terms.version, '3.1.1');
  assert.equal(terms.accepted(), true);
});

test('a broker that was away only speaks 5 in the end', () => {
  const terms = new ConnectTerms('5');
  terms.learn(hangUp);
  assert.equal(terms.accepted(), false);
  assert.equal(terms.version, '5');
  assert.equal(terms.accepted(), true);
  assert.equal(terms.learn(hangUp), false);
  assert.equal(terms.version, '5');
});

test('silence says nothing about versions', () => {
  const terms = new ConnectTerms('5');
  for (let n = 0; n < 5; n += 1) {
    assert.equal(terms.learn(silence), false);
    assert.equal(terms.version, '5');
  }
});

test('3.1.1 does not give way to 5', () => {
  const terms = new ConnectTerms('3.1.1');
  assert.equal(terms.learn(hangUp), false);
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
