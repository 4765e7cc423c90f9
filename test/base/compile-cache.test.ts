import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compiledCodeFolder } from '#src/base/compile-cache.js';
import { testFolder } from '../support/daemon.js';

test('compiled code lies in the cache of the service, or in that of the user', (t) => {
  const home = testFolder(t);
  assert.equal(compiledCodeFolder({ HOME: home }), join(home, '.cache/lstmd'));
  assert.equal(compiledCodeFolder({ HOME: '/none', CACHE_DIRECTORY: home }), home);
});

test('it lies nowhere where there is no home, or none that can be looked at', (t) => {
  const file = join(testFolder(t), 'file');
  writeFileSync(file, '');
  for (const home of [undefined, '/none', join(file, 'home')]) {
    assert.equal(compiledCodeFolder({ HOME: home }), undefined);
  }
});
