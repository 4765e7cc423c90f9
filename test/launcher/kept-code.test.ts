import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { KeptCode } from '#src/launcher/kept-code.js';
import { testFolder } from '../support/daemon.js';

const name = { program: '/usr/lib/lstmd/bundle/program.cjs', build: '0001', command: 'run' };
const code = Buffer.from('compiled');

/** Code that was written, and its file. */
function written(t: TestContext): { folder: string; kept: KeptCode; file: string } {
  const folder = join(testFolder(t), 'cache');
  const kept = new KeptCode(folder, name);
  kept.write(() => code);
  const [only = '', ...others] = readdirSync(folder);
  assert.deepEqual(others, []);
  return { folder, kept, file: join(folder, only) };
}

test('what was written is read, in a folder of the user alone', (t) => {
  const { folder, kept, file } = written(t);
  assert.deepEqual(kept.read(), code);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(new KeptCode(folder, { ...name, command: 'ports' }).read(), undefined);
});

test('code that was damaged is not read', (t) => {
  const { kept, file } = written(t);
  const bytes = readFileSync(file);
  for (let at = 0; at < bytes.length; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    writeFileSync(file, damaged);
    assert.equal(kept.read(), undefined, `a bit of byte ${at}`);
    writeFileSync(file, bytes.subarray(0, at));
    assert.equal(kept.read(), undefined, `cut at ${at}`);
  }
});

test('code that another user may have written is not read', (t) => {
  const { kept, file } = written(t);
  for (const mode of [0o620, 0o602]) {
    chmodSync(file, mode);
    assert.equal(kept.read(), undefined);
  }
});

test('code beside a program is read where its owner has written it', (t) => {
  const { folder } = written(t);
  const own = process.getuid?.() ?? 0;
  assert.deepEqual(new KeptCode(folder, name, own).read(), code);
  assert.equal(new KeptCode(folder, name, own + 1).read(), undefined);
});

test('code of older builds goes, and that of another program stays', (t) => {
  const { folder, file } = written(t);
  const another = new KeptCode(folder, { ...name, program: '/opt/program.cjs' });
  another.write(() => code);
  const newer = new KeptCode(folder, { ...name, build: '0002' });
  newer.write(() => code);
  assert.equal(readdirSync(folder).length, 2);
  assert.ok(!readdirSync(folder).some((entry) => file.endsWith(entry)));
  assert.deepEqual(another.read(), code);
  assert.deepEqual(newer.read(), code);
});

test('nothing is compiled where nothing can be written', (t) => {
  const file = join(testFolder(t), 'file');
  writeFileSync(file, '');
  for (const folder of [file, '/proc/cache/lstmd']) {
    const kept = new KeptCode(folder, name);
    kept.write(() => assert.fail('compiled'));
    assert.equal(kept.read(), undefined);
  }
});
