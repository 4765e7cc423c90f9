import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deviceOf, topicAddress, topicAddressFault } from '#src/sensor/links/mqtt/address.js';

describe('the address of a topic', () => {
  test('is a broker and a topic, which is taken as it stands', () => {
    assert.deepEqual(topicAddress('mqtts://[::1]:8883//hall %20/a?b'), {
      url: 'mqtts://[::1]:8883',
      topic: '/hall %20/a?b',
      isPattern: false,
    });
    assert.equal(topicAddress('mqtt://broker/sensors/+/imu')?.isPattern, true);
  });

  test('is refused with the way out', () => {
    for (const [address, words] of [
      ['mqtt://broker', /a broker and a topic/],
      ['mqtt://broker/', /a broker and a topic/],
      ['mqtt://broker:99999/a', /a broker and a topic/],
      ['mqtt://me:secret@broker/a', /no credentials/],
      ['mqtt://broker/a/#', /#/],
      ['mqtt://broker/$SYS/a', /begins with \$/],
      ['mqtt://broker/$share/all/+', /sensor\.shard/],
      ['mqtt://broker/a+/b', /whole level/],
      ['mqtt://broker/+/a/+', /one \+ only/],
    ] as const) {
      assert.match(topicAddressFault(address, {}) ?? '', words, address);
    }
    assert.match(topicAddressFault('mqtt://broker/a', { maxStreams: 3 }) ?? '', /has no \+/);
    assert.match(topicAddressFault('mqtt://broker/a', { shard: {} }) ?? '', /delete sensor\.shard/);
    assert.equal(topicAddressFault('mqtt://broker/+/a', { maxStreams: 3 }), undefined);
    const mqtt = { ca: undefined, cert: '/c.pem' };
    assert.match(
      topicAddressFault('mqtt://broker/a', { mqtt }) ?? '',
      /is not encrypted, yet there is sensor\.mqtt\.cert/,
    );
    assert.equal(topicAddressFault('MQTTS://broker/a', { mqtt }), undefined);
  });

  test('names the device of a message', () => {
    assert.equal(deviceOf('sensors/+/imu', 'sensors/left/imu'), 'left');
    assert.equal(deviceOf('+', 'left'), 'left');
    assert.equal(deviceOf('sensors/+/imu', 'sensors//imu'), '');
    for (const topic of ['sensors/imu', 'sensors/a/b/imu', 'other/a/imu', 'sensors/a/imus']) {
      assert.equal(deviceOf('sensors/+/imu', topic), undefined, topic);
    }
  });
});
