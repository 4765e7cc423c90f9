import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { projectFile } from '../support/project.js';

/** A checkout of nothing but the files given, which goes with the test: its folder. */
function checkout(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-lint-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of [
    'scripts/x',
    'src/x',
    'test/x',
    'bench/x',
    'native/x',
    ...Object.keys(files),
  ]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
  }
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A table of three rooms of `src/`, of which `high` may import `low`, and `low` nothing. */
const table = `
export const rooms = { low: '', high: 'low', side: '' };
export const packages = { zod: 'low' };
export const benchRooms = {};
export const benchPackages = {};
export const nativeRooms = {};
`;
const soundFiles = {
  'scripts/rooms.mjs': table,
  'src/low/a.ts': "import { z } from 'zod';\nexport const a = z;\n",
  'src/high/b.ts': "import { a } from '../low/a.js';\nexport const b = a;\n",
  'src/side/c.ts': 'export const c = 1;\n',
};

/** Lints the rooms of the sound files, with some in their place or beside them, and gives the exit code and what was said. */
function lintRooms(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = checkout(t, { ...soundFiles, ...files });
  const args = [projectFile('scripts/lint-rooms.mjs'), folder];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, stderr === '' ? 0 : 1, stderr);
  return stderr;
}

describe('the lint of rooms', () => {
  test('says nothing where every import is in the table, and every arrow in use', (t) => {
    assert.equal(lintRooms(t, {}), '');
  });

  test('names an arrow that the table has not, the table, and the way out', (t) => {
    const said = lintRooms(t, { 'src/low/d.ts': "import { b } from '../high/b.js';\n" });
    assert.match(
      said,
      /^src\/low\/d\.ts:1: low may not import high \(high\/b\.ts\); by scripts\/rooms\.mjs it may: nothing\n/,
    );
    assert.match(said, /docs\/architecture\.md.* Move .* to the lower one, or .* pass it in/);
    assert.doesNotMatch(said, /circle/);
  });

  for (const [how, text] of [
    ['after a line break', "export const d = await import(\n  '../high/b.js'\n);\n"],
    ['behind a comment', "export const d = await import(/* later */ '../high/b.js');\n"],
    ['required', "export const d = createRequire(import.meta.url)('../high/b.js');\n"],
  ] as const) {
    test(`sees an import ${how}`, (t) => {
      assert.match(lintRooms(t, { 'src/low/d.ts': text }), /low may not import high/);
    });
  }

  test('shows each import of a circle with its line, and speaks of no table', (t) => {
    const said = lintRooms(t, {
      'src/side/c.ts': "\nimport { d } from './d.js';\nexport const c = d;\n",
      'src/side/d.ts': "import type { c } from './c.js';\nexport const d = 1;\n",
    });
    assert.equal(
      said.slice(0, said.indexOf('lint:')),
      'a circle of imports:\n  src/side/c.ts:2 imports side/d.ts\n  src/side/d.ts:1 imports side/c.ts\n',
    );
    assert.match(said, /lint: a circle ends where/);
    assert.doesNotMatch(said, /table|rooms\.mjs/);
  });

  test('names an arrow that no import uses, and a row without files', (t) => {
    const said = lintRooms(t, {
      'scripts/rooms.mjs': table.replace("side: ''", "side: 'low', gone: ''"),
    });
    assert.equal(
      said,
      'scripts/rooms.mjs: nothing in side imports low: take it out of that row\n' +
        'scripts/rooms.mjs: gone has no files: take its row out\n',
    );
  });

  test('says where a folder and a package are to be named', (t) => {
    const said = lintRooms(t, {
      'src/new/d.ts': "import { a } from '../low/a.js';\nexport const d = a;\n",
      'src/side/d.ts': "import yaml from 'yaml';\nimport { z } from 'zod';\n",
    });
    assert.match(said, /the folder new is no room: give it a row in scripts\/rooms\.mjs/);
    assert.match(said, /yaml is a package of no room: name the one room/);
    assert.match(said, /side\/d\.ts:2: zod is imported in low\/ alone \(scripts\/rooms\.mjs\)/);
  });
});

test('the dialect is refused where it is broken, with what to write instead', (t) => {
  const folder = checkout(t, {
    'src/a.ts': `/** Has what the dialect has not. */
export class A {
  private b = 2;
  protected static c(): number {
    return 3;
  }
  private constructor() {
    this.#d();
  }
  #d(): void {}
}
`,
    'src/b.ts': `import { createRequire } from 'node:module';
export const b = await import(\`./a.js\`);
export const c: unknown = createRequire(import.meta.url)('./a.js');
`,
    'src/sound.ts': "export const a = await import('./a.js');\n",
    'test/a.test.ts': `import test from 'node:test';
import * as all from 'node:test';
import { describe, type TestContext } from 'node:test';
test.it('a', () => describe('b', () => {}));
all.suite('c', (t: TestContext) => test('d', t));
`,
  });
  for (const path of ['.oxlintrc.json', 'scripts/lint-dialect.mjs']) {
    copyFileSync(projectFile(path), join(folder, path));
  }
  const args = ['--format', 'unix', 'src', 'test'];
  const { status, stdout } = spawnSync(projectFile('node_modules/.bin/oxlint'), args, {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.equal(status, 1, stdout);
  const said = stdout
    .split('\n')
    .filter((line) => /^(src|test)\//.test(line) && line.includes('dialect('))
    .map((line) => line.replace(/^([^:]+:\d+):\d+: ([^.:;]+).*$/, '$1 $2'))
    .sort();
  assert.deepEqual(said, [
    'src/a.ts:3 Write #b',
    'src/a.ts:4 Nothing is protected here',
    "src/b.ts:1 Load it with import or await import('",
    "src/b.ts:2 Write the name in single quotes, as in import('",
    'test/a.test.ts:1 Import the functions by their names',
    'test/a.test.ts:2 Import the functions by their names',
  ]);
});
