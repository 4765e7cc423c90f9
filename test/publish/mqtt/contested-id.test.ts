import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ContestedId } from '#src/publish/mqtt/contested-id.js';
import type { SessionEnd } from '#src/publish/mqtt/session-end.js';

const minuteMs = 60_000;
const hungUp: SessionEnd = {
  reason: 'the broker closed it',
  isByBroker: true,
  isByRefusal: false,
  isTakenOver: false,
};

describe('an id that another client may use', () => {
  let nowMs = 0;
  const create = (): ContestedId => new ContestedId('lstmd-box', () => nowMs);
  const endsAt = (minutes: readonly number[], end: SessionEnd): boolean[] => {
    const id = create();
    return minutes.map((minute) => {
      nowMs = minute * minuteMs;
      return id.ended(end) !== undefined;
    });
  };

  test('is suspected at the third end within a quarter of an hour, however long each connection held', () => {
    assert.deepEqual(endsAt([0, 5, 10], hungUp), [false, false, true]);
    assert.deepEqual(endsAt([0, 10, 20, 30], hungUp), [false, false, false, false]);
  });

  test('is not behind what we ended, nor behind a publish that was refused', () => {
    assert.deepEqual(endsAt([0, 1, 2], { ...hungUp, isByBroker: false }), [false, false, false]);
    assert.deepEqual(endsAt([0, 1, 2], { ...hungUp, isByRefusal: true }), [false, false, false]);
  });

  test('the broker said once that it is another client: the ends without a word are its work too', () => {
    const id = create();
    nowMs = 0;
    assert.match(id.ended({ ...hungUp, isTakenOver: true }) ?? '', /"lstmd-box" and takes/);
    id.unreachable();
    nowMs = 14 * minuteMs;
    assert.match(id.ended(hungUp) ?? '', /"lstmd-box" and takes/);
    nowMs = 16 * minuteMs;
    assert.equal(id.ended(hungUp), undefined);
  });

  test('is not suspected where the broker was away between the ends', () => {
    const id = create();
    for (let n = 0; n < 5; n += 1) {
      nowMs = n * minuteMs;
      assert.equal(id.ended(hungUp), undefined);
      id.unreachable();
    }
  });
});
