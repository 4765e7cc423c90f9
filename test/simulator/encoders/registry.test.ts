import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDecoder, decoders } from '#src/sensor/decoders/registry.js';
import { decoderNameOf, encoderNamed, encoders } from '#src/simulator/encoders/registry.js';
import { DecoderRecorder } from '../../sensor/decoders/recorder.js';

const axes = ['x', 'y', 'z'];
/** Whole numbers, which a format of integers holds as well, and within 16 g. */
const rows = Array.from({ length: 100 }, (_, n) => [n % 16, -(n % 7), (n * n) % 13]);

describe('the registry of encoders', () => {
  test('has one for each decoder', () => {
    assert.deepEqual(
      [...new Set(encoders.map((encoder) => decoderNameOf(encoder)))],
      decoders.map(({ name }) => name),
      'src/simulator/encoders/registry.ts has an encoder for each decoder, in their order',
    );
  });

  test('refuses a name that it does not have, and lists those it has', () => {
    assert.throws(() => encoderNamed('morse'), { code: 'usage.invalid', message: /known: csv, / });
  });

  for (const encoder of encoders) {
    const section = { ...encoder.options(axes), decoder: decoderNameOf(encoder), axes };
    const written = (): Uint8Array[] => {
      const encode = encoder.create(axes.length);
      return rows.map((row) => Uint8Array.from(encode(Float32Array.from(row))));
    };

    test(`writes as ${encoder.name} what the decoder reads back`, () => {
      const recorder = new DecoderRecorder(createDecoder(section));
      for (const bytes of written()) {
        recorder.decoder.polling?.request();
        recorder.push(bytes);
      }
      // The last long frames wait for what follows them.
      assert.ok(recorder.events.length >= rows.length - 2);
      for (const [n, event] of recorder.events.entries()) {
        assert.ok(event !== 'lost', recorder.decoder.rejection);
        for (const [axis, reading] of event.entries()) {
          const error = Math.abs(reading - (rows[n]?.[axis] ?? Number.NaN));
          assert.ok(error <= encoder.resolution / 2 + 1e-6, `row ${n}: ${reading}`);
        }
      }
    });

    test(`numbers the rows of ${encoder.name} where its decoder says so`, () => {
      const recorder = new DecoderRecorder(createDecoder(section));
      for (const bytes of written()) {
        recorder.decoder.polling?.request();
        recorder.push(bytes);
      }
      const { time, counter } = recorder.decoder.deviceClock;
      const { timesMs, counts } = recorder;
      assert.ok(
        counts.every((count, n) => (counter === undefined ? Number.isNaN(count) : count === n)),
      );
      const hasTime = timesMs.some((timeMs) => !Number.isNaN(timeMs));
      assert.ok(hasTime ? time !== undefined : true);
      assert.ok(!hasTime || timesMs.every((timeMs, n) => Math.abs(timeMs - 10 * n) < 1e-6));
    });
  }
});
