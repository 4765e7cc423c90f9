import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { projectFile } from '../support/project.js';

/** Every file of the package matches one of these, and each of these matches a file. */
const expected: readonly RegExp[] = [
  /^package\.json$/,
  /^README\.md$/,
  /^CHANGELOG\.md$/,
  /^SECURITY\.md$/,
  /^LICENSE$/,
  /^dist\/[\w/-]+\.js$/,
  /^dist\/[\w/-]+\.d\.ts$/,
  /^binding\.gyp$/,
  /^scripts\/build-native\.mjs$/,
  /^scripts\/build-tools\.mjs$/,
  /^native\/CMakeLists\.txt$/,
  // Without it cmake-js does not find the headers of Node-API.
  /^native\/package\.json$/,
  /^native\/addon\/[\w/-]+\.(cpp|h)$/,
  /^native\/kernel\/[\w/-]+\.(cpp|h)$/,
  /^native\/platform\/[\w/-]+\.(cpp|h)$/,
  /^deploy\/lstmd\.service$/,
  /^deploy\/lstmd\.schema\.json$/,
  /^deploy\/examples\/lstmd\.yaml$/,
  /^docs\/[\w/-]+\.md$/,
  /^docs\/demo\.svg$/,
  /^examples\/(stream-samples|subscribe)\.mjs$/,
  /^examples\/cobs-sketch\/[\w.-]+\.(ino|h)$/,
  /^examples\/running\/[\w.-]+\.(md|mjs|py|json|keras)$/,
];

/** In the package once it is in the checkout. */
const optional: readonly RegExp[] = [/^CONTRIBUTING\.md$/];

/** Files that only testing and comparing need. */
const unwanted = /(^|\/)(test|bench|fuzz)\/|\.map$|\.tsbuildinfo$|\.test\.|onnx/;

function packedFiles(): string[] {
  // Without its scripts it compiles nothing: that is done already.
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: projectFile('.'),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const [report] = JSON.parse(stdout) as { files: { path: string }[] }[];
  return (report?.files ?? []).map(({ path }) => path);
}

describe('the package', () => {
  const files = packedFiles();

  test('holds nothing but what a device needs', () => {
    const known = [...expected, ...optional];
    const others = files.filter((path) => !known.some((pattern) => pattern.test(path)));
    assert.deepEqual(others, []);
    // The commands of `lstmd bench` are part of the product.
    const product = files.filter((path) => !path.startsWith('dist/commands/bench/'));
    assert.deepEqual(
      product.filter((path) => unwanted.test(path)),
      [],
    );
    for (const pattern of expected) {
      assert.ok(
        files.some((path) => pattern.test(path)),
        `${pattern.source} matches no file`,
      );
    }
  });

  test('holds what its manifest names', () => {
    const manifest = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as {
      readonly bin: Readonly<Record<string, string>>;
      readonly types: string;
      readonly exports: { readonly '.': { readonly default: string } };
    };
    const { bin, types, exports } = manifest;
    for (const path of [...Object.values(bin), types, exports['.'].default]) {
      assert.ok(files.includes(path.replace(/^\.\//, '')), path);
    }
    assert.equal(bin['lstmd'], 'dist/cli.js');
  });

  test('holds a compiled file for each source and none beside', () => {
    const stray = files
      .filter((path) => path.startsWith('dist/'))
      .map((path) => path.replace(/^dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts'))
      .filter((path) => !existsSync(projectFile(path)));
    assert.deepEqual(stray, []);
  });
});
