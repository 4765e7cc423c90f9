/** The manifests of the packages that are shipped, made from the one of the checkout. */

/** As Node calls the processors that an addon is built for. */
export const addonArchitectures = ['x64', 'arm64'];

/** Lists what means something in a package that is installed, in the order of the manifest. */
const kept = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'type',
  'engines',
  'os',
  'files',
  'peerDependencies',
  'peerDependenciesMeta',
];

/**
 * The manifest of the package as it is shipped: nothing that builds or tests, no dependency, because all of them are in the
 * bundle, no script, and not the packages of the addons either: npm would ask its registry for them, where nobody has their names
 * yet, and whoever takes one has code of his run here. They are installed from their tarballs.
 */
export function shippedManifest(manifest) {
  const types = './bundle/types/index.d.ts';
  return {
    ...Object.fromEntries(kept.map((key) => [key, manifest[key]])),
    bin: { lstmd: 'bundle/cli.cjs' },
    types,
    exports: {
      '.': { types, default: './bundle/index.js' },
      './client': {
        types: './bundle/types/client/index.d.ts',
        default: './bundle/client.js',
      },
      './package.json': './package.json',
    },
  };
}

/** The manifest of the package with the addon for one processor. npm skips it on any other, and where there is no glibc. */
export function addonPackage({ version, license, engines, os }, arch) {
  return {
    name: addonName(arch),
    version,
    description: `The native addon of lstmd for Linux on ${arch}, glibc 2.31 or newer`,
    license,
    engines,
    os,
    cpu: [arch],
    libc: ['glibc'],
    main: 'lstmd.node',
  };
}

function addonName(arch) {
  return `lstmd-linux-${arch}`;
}
