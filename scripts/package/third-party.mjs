/**
 * Says what of others is inside of what is shipped: `THIRD-PARTY.md` with every licence in full, and `sbom.cdx.json`, a
 * software bill of materials in CycloneDX 1.5. Both are made from what the bundler has put in and from the lock file, so
 * that the same sources give the same bytes.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const licenceFile = /^(licen[cs]e|copying)(\.\w+)?$/i;

/** Lists what the wasm of h5wasm was linked from; its own licence file has that of HDF5. */
const insideH5wasm = [
  { name: 'hdf5', version: '2.0.0', license: 'BSD-3-Clause' },
  { name: 'zlib', license: 'Zlib' },
  { name: 'emscripten', license: 'MIT' },
];

/** A package that is installed here: what its manifest, the lock file and its licence say. */
export function installedPackage(path) {
  const { name, version, license } = readJson(join(path, 'package.json'));
  const file = readdirSync(join(root, path)).find((entry) => licenceFile.test(entry));
  if (file === undefined || typeof license !== 'string') {
    throw new Error(
      `${path} does not say its licence: look at what it is, and at whether it may be shipped`,
    );
  }
  const text = readFileSync(join(root, path, file), 'utf8')
    .replaceAll('\r\n', '\n')
    .trim();
  const { integrity } = readJson('package-lock.json').packages[path];
  return { name, version, license, integrity, text };
}

/** The packages of which the bundler has put something into the bundle, by name. */
export function packagesInside({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [path] : [],
    ),
  );
  const paths = inputs.flatMap(
    (path) => /^(?:.*[/])?node_modules[/](?:@[^/]+[/])?[^/]+/.exec(path) ?? [],
  );
  return [...new Set(paths)]
    .map(installedPackage)
    .sort((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

/** @param metafile what esbuild says of the bundle */
export function writeThirdParty(metafile) {
  const packages = packagesInside(metafile);
  const note = `
Inside of h5wasm there are HDF5 2.0.0, whose licence stands in that of h5wasm, zlib (the zlib licence) and the runtime of
Emscripten (MIT). A bill of materials of all is in \`sbom.cdx.json\`.
`;
  writeFileSync(join(root, 'bundle/THIRD-PARTY.md'), `${licencesOf(packages)}${note}`);
  writeFileSync(
    join(root, 'bundle/sbom.cdx.json'),
    `${JSON.stringify(bomOf(packages), null, 1)}\n`,
  );
}

/** A page of licences in full; packages that share one to the letter have it printed once. */
export function licencesOf(packages) {
  const sections = [...groupByText(packages)].map(([text, group]) => {
    const names = group.map(({ name, version, license }) => `- ${name} ${version} (${license})`);
    return `${names.join('\n')}\n\n\`\`\`\n${text}\n\`\`\`\n`;
  });
  return `# What is inside of this package beside lstmd itself

lstmd's own licence is in LICENSE.

${sections.join('\n')}`;
}

function groupByText(packages) {
  const groups = new Map();
  for (const one of packages) {
    groups.set(one.text, [...(groups.get(one.text) ?? []), one]);
  }
  return groups;
}

function bomOf(packages) {
  const { name, version, description, license } = readJson('package.json');
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': `${name}@${version}`,
        name,
        version,
        description,
        licenses: [{ license: { id: license } }],
        // It is in no registry: a scanner that asked npm for it would be told of a package of somebody else.
        purl: `pkg:generic/${name}@${version}`,
      },
    },
    components: packages.map(componentOf),
  };
}

function componentOf({ name, version, license, integrity }) {
  const reference = `${name}@${version}`;
  const [algorithm = '', digest = ''] = integrity.split('-', 2);
  return {
    type: 'library',
    'bom-ref': reference,
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    hashes: [
      {
        alg: algorithm.replace('sha', 'SHA-'),
        content: Buffer.from(digest, 'base64').toString('hex'),
      },
    ],
    // What is no identifier of SPDX is a name.
    licenses: [{ license: license.includes(' ') ? { name: license } : { id: license } }],
    ...(name === 'h5wasm' && {
      components: insideH5wasm.map((part) => ({
        type: 'library',
        'bom-ref': `${reference}/${part.name}`,
        name: part.name,
        version: part.version,
        licenses: [{ license: { id: part.license } }],
      })),
    }),
  };
}

function readJson(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
