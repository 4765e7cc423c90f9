import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBrokerUrl } from '#src/mqtt-client/broker-address.js';

test('knows the ports, IPv6 and TLS, and shows no credentials', () => {
  const plain = { webSocketPath: undefined, username: undefined, password: undefined };
  assert.deepEqual(parseBrokerUrl('mqtt://broker'), {
    ...plain,
    host: 'broker',
    port: 1883,
    tls: false,
    text: 'mqtt://broker:1883',
  });
  assert.deepEqual(parseBrokerUrl('mqtts://[::1]:8884'), {
    ...plain,
    host: '::1',
    port: 8884,
    tls: true,
    text: 'mqtts://[::1]:8884',
  });
  assert.deepEqual(parseBrokerUrl('wss://broker/mqtt?a=1'), {
    ...plain,
    webSocketPath: '/mqtt?a=1',
    host: 'broker',
    port: 443,
    tls: true,
    text: 'wss://broker:443/mqtt',
  });
  assert.equal(parseBrokerUrl('ws://broker:9001').webSocketPath, '/');
  const secret = parseBrokerUrl('mqtts://edge:p%40ss@broker');
  assert.deepEqual([secret.username, secret.password], ['edge', 'p@ss']);
  assert.equal(secret.text, 'mqtts://broker:8883');
});

test('refuses other addresses without repeating what may be a password', () => {
  for (const url of [
    '',
    'broker',
    'http://edge:secret@x',
    'ws://',
    'mqtt://',
    'mqtt://a:secret@',
  ]) {
    assert.throws(
      () => parseBrokerUrl(url),
      (error: Error) => /mqtt\.url/.test(error.message) && !error.message.includes('secret'),
    );
  }
});
