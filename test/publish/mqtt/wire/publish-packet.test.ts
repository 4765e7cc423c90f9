import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from 'mqtt-packet';
import {
  jsonProperties,
  publishBytes,
  writePublish,
  type PublishHead,
} from '#src/publish/mqtt/wire/publish-packet.js';

const nothing = Buffer.alloc(0);

test('a PUBLISH is what the client library writes for it, byte for byte', () => {
  const topic = 'lstmd/Prüfstand/stream/prediction';
  for (const version of ['5', '3.1.1'] as const) {
    for (const payload of ['', '{"a":1}', 'é'.repeat(62), 'x'.repeat(90), 'x'.repeat(16_400)]) {
      for (const qos of [0, 1, 2] as const) {
        for (const [expirySeconds, alias, isDescribed] of [
          [0, 0, false],
          [86_400, 0, false],
          [0, 7, false],
          [0, 0, true],
        ] as const) {
          const head: PublishHead = {
            version,
            qos,
            isRetained: isDescribed,
            topic: Buffer.from(topic),
            alias: version === '5' ? alias : 0,
            expirySeconds: version === '5' ? expirySeconds : 0,
            properties: isDescribed && version === '5' ? jsonProperties : nothing,
            id: 4711,
          };
          const payloadBytes = Buffer.byteLength(payload);
          const size = publishBytes(head, payloadBytes);
          const bytes = Buffer.alloc(size + 2);
          writePublish(head, payload, payloadBytes, bytes, 1);
          const properties = {
            ...(isDescribed && {
              payloadFormatIndicator: true,
              contentType: 'application/json',
            }),
            ...(expirySeconds > 0 && { messageExpiryInterval: expirySeconds }),
            ...(alias > 0 && { topicAlias: alias }),
          };
          const expected = generate(
            {
              cmd: 'publish',
              topic,
              payload,
              qos,
              retain: isDescribed,
              dup: false,
              messageId: 4711,
              ...(version === '5' && { properties }),
            },
            { protocolVersion: version === '5' ? 5 : 4 },
          );
          assert.deepEqual(bytes.subarray(1, -1), expected);
        }
      }
    }
  }
});
