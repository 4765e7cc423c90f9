/**
 * `npm run package:addons`: makes a package of the addon for each processor, `build/packages/lstmd-linux-x64` and
 * `build/packages/lstmd-linux-arm64`, which `npm pack` and `npm publish` take as they are. Each has one binary for every Node
 * from 20.19 on (Node-API 9) and every C library from glibc 2.31 on, with all SIMD targets inside.
 *
 *   sudo node scripts/package/addons.mjs [--root FOLDER] [--arch x64]
 *
 * The bytes are the same wherever it runs, because compiler and paths are those of a root of its own (old-root.mjs). It prints
 * the SHA-256 of each binary: whoever wants to see that a published one is made from these sources checks its tag out, runs
 * this, and compares.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../arguments.mjs';
import { addonArchitectures, addonPackage } from './manifest.mjs';
import { copyIntoRoot, makeOldRoot, oldRootObstacle, runInRoot } from './old-root.mjs';
import { installedPackage, licencesOf } from './third-party.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const compileFlags = ['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2'];
/** The C++ library is inside, because that of an old release lacks what the compiler of a newer one wants. */
const linkFlags = [
  '-static-libstdc++',
  '-static-libgcc',
  '-Wl,-z,relro,-z,now,-z,noexecstack',
  '-Wl,--as-needed,--exclude-libs,ALL',
  '-s',
];

const crossFlags = {
  x64: [],
  arm64: [
    '-DCMAKE_SYSTEM_NAME=Linux',
    '-DCMAKE_SYSTEM_PROCESSOR=aarch64',
    '-DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++',
  ],
};

/** Builds the addon for one processor in the root; gives the path of the binary. */
function buildAddon(folder, arch) {
  const build = `/src/build-${arch}`;
  const headers = '/src/node-addon-api;/src/node-api-headers/include';
  runInRoot(folder, 'cmake', [
    '-S',
    '/src/native',
    '-B',
    build,
    '-DCMAKE_BUILD_TYPE=Release',
    `-DCMAKE_JS_INC=${headers}`,
    `-DCMAKE_CXX_FLAGS=${compileFlags.join(' ')}`,
    `-DCMAKE_MODULE_LINKER_FLAGS=${linkFlags.join(' ')}`,
    ...crossFlags[arch],
  ]);
  runInRoot(folder, 'cmake', ['--build', build, '--parallel', '2']);
  return join(folder, build, 'lstmd.node');
}

function writePackage(arch, binary) {
  const manifest = addonPackage(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')), arch);
  const folder = join(root, 'build/packages', manifest.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(binary, join(folder, 'lstmd.node'));
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), readmeOf(manifest, arch));
  writeFileSync(join(folder, 'THIRD-PARTY.md'), thirdParty());
  const hash = createHash('sha256').update(readFileSync(binary)).digest('hex');
  process.stdout.write(`${hash}  ${manifest.name}/lstmd.node\n`);
}

function readmeOf({ name, description }, arch) {
  return `# ${name}

${description}. Its tarball is installed on ${arch} together with that of lstmd, of the same version, and does nothing alone.
`;
}

function thirdParty() {
  return `${licencesOf([installedPackage('node_modules/node-addon-api')])}
The C++ library of GCC 10 is linked in, under the GPL 3 with the GCC Runtime Library Exception 3.1.
`;
}

const help = `sudo npm run package:addons [-- [--arch ARCH] [--root FOLDER]]

Builds the addon in a root of Debian 11, which debootstrap makes once, and makes its packages in build/packages. It prints the SHA-256 of
each binary.

--arch ARCH     one of ${addonArchitectures.join(', ')}; may be given again; default all
--root FOLDER   default build/roots/bullseye`;
const { values: flags } = readArguments(help, {
  options: {
    root: { type: 'string', default: join(root, 'build/roots/bullseye') },
    arch: {
      type: 'string',
      multiple: true,
      choices: addonArchitectures,
      default: addonArchitectures,
    },
  },
});
const obstacle = oldRootObstacle();
if (obstacle !== null) {
  process.stderr.write(`lstmd: ${obstacle}\n`);
  process.exit(1);
}
makeOldRoot(flags.root);
copyIntoRoot(flags.root, {
  native: join(root, 'native'),
  'node-addon-api': join(root, 'node_modules/node-addon-api'),
  'node-api-headers': join(root, 'node_modules/node-api-headers'),
});
for (const arch of flags.arch) {
  writePackage(arch, buildAddon(flags.root, arch));
}
