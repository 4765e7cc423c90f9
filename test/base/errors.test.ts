import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { fileFault, furtherCause, LstmdError, messageOf, reasonOf } from '#src/base/errors.js';
import { testFolder } from '../support/daemon.js';

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );
}

test('says of a call on a file why it failed, with its path and without the code of the system', async (t) => {
  const folder = testFolder(t);
  const absent = await failureOf(readFile('/none/a.yaml'));
  assert.equal(reasonOf(absent), 'no such file or directory');
  assert.equal(messageOf(absent), '/none/a.yaml: no such file or directory');
  assert.equal(fileFault('/none/a.yaml', absent), '/none/a.yaml: no such file or directory');
  // Of a folder Node names no path.
  const ofFolder = await failureOf(readFile(folder));
  assert.equal(fileFault(folder, ofFolder), `${folder}: it is a folder, not a file`);
  const below = await failureOf(readFile('/dev/null/a'));
  assert.equal(messageOf(below), '/dev/null/a: a part of its path is no folder');
});

test('tells of a cause what the message does not say yet', async () => {
  const cause = await failureOf(readFile('/none/a.yaml'));
  const because = (message: string): string | undefined =>
    furtherCause(new Error(message, { cause }));
  assert.equal(because('cannot read it'), '/none/a.yaml: no such file or directory');
  assert.equal(because('cannot read /none/a.yaml'), 'no such file or directory');
  assert.equal(because('cannot read it: no such file or directory'), undefined);
  assert.equal(furtherCause(new Error('cannot read it')), undefined);
  const other = furtherCause(new Error('it', { cause: new Error('of another kind') }));
  assert.equal(other, 'of another kind');
});

test('says why an address cannot be had, and leaves other messages as they are', async (t) => {
  const first = createServer().listen(0, '127.0.0.1');
  t.after(() => first.close());
  await once(first, 'listening');
  const { port } = first.address() as AddressInfo;
  const second = createServer().listen(port, '127.0.0.1');
  const [taken] = (await once(second, 'error')) as [unknown];
  assert.equal(messageOf(taken), `address already in use 127.0.0.1:${port}`);
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
    code: 'ECONNREFUSED',
  });
  assert.equal(messageOf(refused), 'connect ECONNREFUSED 127.0.0.1:1');
  assert.equal(messageOf('a text'), 'a text');
});

test('an error of one option begins with its path, and its fault does not', () => {
  const error = new LstmdError('config.invalid', 'is missing', {
    at: ['streams', 'a', 'events', 1],
  });
  assert.equal(error.message, 'streams.a.events[1]: is missing');
  assert.deepEqual(error.faults, [{ at: ['streams', 'a', 'events', 1], message: 'is missing' }]);
  assert.equal(new LstmdError('config.invalid', 'is missing', { at: [] }).message, 'is missing');
});
