import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseAxes } from '#src/commands/init/axis-choice.js';
import { findFormats } from '#src/detection/find-formats.js';
import { findingOf } from '#src/detection/register-survey.js';
import { createDecoder } from '#src/sensor/decoders/registry.js';
import { encoders } from '#src/simulator/encoders/registry.js';
import { DecoderRecorder } from '../../sensor/decoders/recorder.js';

const periodMs = 10;
const axes = 6;
/** Two rates of rotation that differ by less may be the same bytes, in deg/s: 2000 in 15 bits. */
const coarsestTurn = 0.062;

/** Acceleration at rest, z first, and rotation; no two rows in turn are alike, and no axis counts. */
function row(n: number, g: number): number[] {
  const acceleration = [((7 * n) % 11) / 100, ((5 * n) % 7) / 100, 1 + ((3 * n) % 5) / 100];
  return [...acceleration.map((value) => value * g), (7 * n) % 9, (3 * n) % 5, (5 * n) % 7];
}

test('have their registers and no others, of a slave that has more', () => {
  const addresses = Array.from({ length: axes }, (_, n) => 0x34 + n);
  const rounds = Array.from({ length: 40 }, (_, n) => row(n, 2048).map(Math.round));
  const survey = {
    slave: 0x50,
    function: 3,
    addresses,
    rounds,
    lost: 0,
    roundsPerSecond: 20,
  } as const;
  const found = findingOf(survey);
  const names = ['az', 'ax', 'gy'];
  const { options, axes: chosen } = chooseAxes(found, names.length, names);
  assert.deepEqual(chosen, names);
  assert.deepEqual(options['registers'], {
    az: { address: 0x36 },
    ax: { address: 0x34 },
    gy: { address: 0x38 },
  });
});

describe('the axes that a model takes, of those that were found', () => {
  const all = encoders.filter(
    ({ name, answering, mostAxes = axes }) =>
      // A frame of COBS has just the axes of the model, and a slave is asked for them.
      mostAxes >= axes && answering === undefined && name !== 'cobs',
  );
  for (const encoder of all) {
    test(`are read of ${encoder.name} as they were sent, in the order of the model`, () => {
      const g = encoder.countsInG ?? { g: 1, 'm/s2': 9.80665, mg: 1000 }[encoder.unit ?? 'mg'];
      const encode = encoder.create(axes, periodMs);
      const sent = Array.from({ length: 120 }, (_, n) => row(n, g));
      const chunks = sent.map((values, n) => ({
        bytes: Uint8Array.from(encode(Float32Array.from(values))),
        arrivalMs: n * periodMs,
      }));
      const [found] = findFormats({ chunks });
      assert.ok(found !== undefined);
      assert.equal(found.axes.length, axes);
      const wanted = [2, 0, 4];
      const names = wanted.map((axis) => found.axes[axis] ?? '');
      const { axes: chosen, options, decoder } = chooseAxes(found, names.length, names);
      assert.deepEqual(chosen, names);
      const recorder = new DecoderRecorder(createDecoder({ ...options, decoder, axes: chosen }));
      for (const { bytes } of chunks) {
        recorder.push(bytes);
      }
      // The last long frames wait for what follows them.
      assert.ok(recorder.events.length >= sent.length - 2, recorder.decoder.rejection);
      for (const [n, event] of recorder.events.entries()) {
        assert.ok(event !== 'lost', recorder.decoder.rejection);
        for (const [place, axis] of wanted.entries()) {
          const error = Math.abs((event[place] ?? Number.NaN) - (sent[n]?.[axis] ?? 0));
          const resolution = axis < 3 ? encoder.resolution : coarsestTurn;
          assert.ok(error <= resolution / 2 + 1e-6 * g, `row ${n}`);
        }
      }
    });
  }
});
