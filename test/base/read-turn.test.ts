import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { afterReads, duringReads } from '#src/base/read-turn.js';

describe('the end of reads', () => {
  test('is when all that was read has been worked on', () => {
    const order: string[] = [];
    duringReads(1, () => {
      afterReads(() => order.push('end'));
      afterReads(() => afterReads(() => order.push('end of that')));
      order.push('work');
    });
    assert.deepEqual(order, ['work', 'end', 'end of that']);
  });

  test('is the end of the turn where no tty is being read', async () => {
    const order: string[] = [];
    afterReads(() => order.push('end'));
    assert.deepEqual(order, []);
    await turn();
    assert.deepEqual(order, ['end']);
  });

  test('comes once for each that asked, and to all where one of them or the work throws', async () => {
    const order: string[] = [];
    const fault = new Error('a fault of the test');
    assert.throws(
      () =>
        duringReads(1, () => {
          afterReads(() => {
            throw fault;
          });
          afterReads(() => order.push('second'));
          afterReads(() => order.push('third'));
          afterReads(() => {
            throw new Error('another');
          });
        }),
      fault,
    );
    assert.throws(
      () =>
        duringReads(1, () => {
          afterReads(() => order.push('fourth'));
          throw fault;
        }),
      fault,
    );
    afterReads(() => order.push('fifth'));
    duringReads(1, () => undefined);
    assert.deepEqual(order, ['second', 'third', 'fourth']);
    await turn();
    assert.deepEqual(order, ['second', 'third', 'fourth', 'fifth']);
  });
});
