import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { linksOf } from '../support/page-links.js';
import { projectFile } from '../support/project.js';

/** Every file of the package matches one of these, and each of these matches a file. */
const expected: readonly RegExp[] = [
  /^package\.json$/,
  /^README\.md$/,
  /^CHANGELOG\.md$/,
  /^SECURITY\.md$/,
  /^LICENSE$/,
  /^bundle\/(cli|program)\.cjs$/,
  /^bundle\/(client|index|hdf5-worker|tfjs-probe|h5wasm)\.js$/,
  // What the library loads later, and what its parts share.
  /^bundle\/[\w-]+-[0-9A-Z]{8}\.js$/,
  /^bundle\/serialport-(x64|arm64)\.node$/,
  /^bundle\/types\/[\w/-]+\.d\.ts$/,
  /^bundle\/THIRD-PARTY\.md$/,
  /^bundle\/sbom\.cdx\.json$/,
  /^deploy\/lstmd\.service$/,
  /^deploy\/lstmd@\.service$/,
  /^deploy\/90-lstmd\.rules$/,
  /^deploy\/lstmd\.schema\.json$/,
  /^deploy\/examples\/lstmd\.yaml$/,
  /^docs\/[\w/-]+\.md$/,
  /^docs\/dashboard\.png$/,
  /^bundle\/dashboard\/(index\.html|dashboard\.(css|js)|icon\.svg)$/,
  /^deploy\/(prometheus|telegraf|grafana)\/[\w./-]+\.(ya?ml|conf|json)$/,
  /^deploy\/container\/(Dockerfile|[\w.]+\.yaml)$/,
  /^docs\/(demo|modes-\w+)\.svg$/,
  /^examples\/(stream-samples|subscribe)\.(mjs|py)$/,
  /^examples\/cobs-sketch\/[\w.-]+\.(ino|h)$/,
  /^examples\/running\/[\w.-]+\.(md|py|json|keras)$/,
];

/** Files that only testing and comparing need. */
const unwanted = /(^|\/)(test|bench|fuzz)\/|\.map$|\.tsbuildinfo$|\.test\./;

interface Shipped {
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly types: string;
  readonly exports: { readonly '.': { readonly default: string } };
}

interface Manifests {
  readonly shippedManifest: (manifest: object) => Shipped;
  readonly addonPackage: (
    manifest: object,
    arch: string,
  ) => Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string };
}

function packedFiles(): string[] {
  // Without its scripts it compiles nothing: that is done already.
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { status, stdout, stderr } = spawnSync('npm', args, {
    cwd: projectFile('.'),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const [report] = JSON.parse(stdout) as { files: { path: string }[] }[];
  // npm adds what the manifest of the checkout has as its program; that of the package names another.
  return (report?.files ?? []).map(({ path }) => path).filter((path) => path !== 'dist/cli.js');
}

describe('the package', () => {
  const files = packedFiles();

  test('holds nothing but what a device needs', () => {
    const others = files.filter((path) => !expected.some((pattern) => pattern.test(path)));
    assert.deepEqual(others, []);
    assert.deepEqual(
      files.filter((path) => unwanted.test(path)),
      [],
    );
    for (const pattern of expected) {
      assert.ok(
        files.some((path) => pattern.test(path)),
        `${pattern.source} matches no file`,
      );
    }
  });

  test('has what its pages link to', () => {
    const links = files.filter((path) => path.endsWith('.md')).flatMap(linksOf);
    assert.ok(links.length > 100);
    const dead = links.filter(
      ({ target }) =>
        !files.some((path) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`)),
    );
    assert.deepEqual(dead, []);
  });

  test('has a manifest that names what it holds, and nothing to build, run or fetch', async () => {
    const file = pathToFileURL(projectFile('scripts/package/manifest.mjs')).href;
    const { shippedManifest, addonPackage } = (await import(file)) as Manifests;
    const own = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as Shipped;
    const shipped = shippedManifest(own);
    for (const path of [shipped.bin['lstmd'] ?? '', shipped.types, shipped.exports['.'].default]) {
      assert.ok(files.includes(path.replace(/^\.\//, '')), path);
    }
    // Whatever npm would install by itself would come from a registry, in which the names of the addons are nobody's.
    for (const absent of [
      'scripts',
      'dependencies',
      'optionalDependencies',
      'devDependencies',
      'imports',
    ]) {
      assert.equal(Object.hasOwn(shipped, absent), false, absent);
    }
    const addons = ['x64', 'arm64'].map((arch) => addonPackage(own, arch));
    assert.deepEqual(
      addons.map(({ name, version, cpu, libc, os }) => [name, version, cpu, libc, os]),
      [
        ['lstmd-linux-x64', own.version, ['x64'], ['glibc'], ['linux']],
        ['lstmd-linux-arm64', own.version, ['arm64'], ['glibc'], ['linux']],
      ],
    );
  });

  test('says what of others is inside, with each licence and a bill of materials', () => {
    const licences = readFileSync(projectFile('bundle/THIRD-PARTY.md'), 'utf8');
    const { metadata, components } = JSON.parse(
      readFileSync(projectFile('bundle/sbom.cdx.json'), 'utf8'),
    ) as {
      readonly metadata: { readonly component: { readonly purl: string } };
      readonly components: readonly { readonly name: string; readonly version: string }[];
    };
    assert.match(metadata.component.purl, /^pkg:generic\//, 'no registry has this package');
    for (const { name, version } of components) {
      assert.ok(licences.includes(`- ${name} ${version} (`), name);
    }
    const { dependencies } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const named = new Set(components.map(({ name }) => name));
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => !named.has(name)),
      [],
    );
    assert.match(licences, /HDF5 \(Hierarchical Data Format 5\) Software Library/);
  });
});
