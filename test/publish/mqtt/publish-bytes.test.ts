import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from 'mqtt-packet';
import { contentType, publishBytes } from '#src/publish/mqtt/publish-bytes.js';

test('counts the bytes of a packet as the client library writes it', () => {
  for (const protocolVersion of [4, 5] as const) {
    for (const qos of [0, 1, 2] as const) {
      for (const length of [0, 20, 127, 128, 16_383, 16_384, 2_097_152]) {
        for (const hasExpiry of [false, true]) {
          const topic = 'lstmd/kühlraum/a/prediction';
          const payload = 'x'.repeat(length);
          const properties = {
            contentType,
            payloadFormatIndicator: true,
            ...(hasExpiry ? { messageExpiryInterval: 60 } : {}),
          };
          const packet = generate(
            {
              cmd: 'publish',
              messageId: 7,
              dup: false,
              retain: false,
              topic,
              payload,
              qos,
              ...(protocolVersion === 5 ? { properties } : {}),
            },
            { protocolVersion },
          );
          const version = protocolVersion === 5 ? '5' : '3.1.1';
          assert.equal(publishBytes(version, topic, payload, qos, hasExpiry), packet.length);
        }
      }
    }
  }
});
