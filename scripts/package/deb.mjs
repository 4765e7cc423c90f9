/**
 * `npm run package:deb`: makes the Debian packages of the program, `lstmd_VERSION_amd64.deb` and `..._arm64.deb`, and of Node for
 * systems whose own is too old, `lstmd-node_VERSION_...deb`, in `build/packages`. The addons come from `npm run package:addons`,
 * Node from npm's packages of it.
 *
 *   node scripts/package/deb.mjs [--arch arm64] [--without-node]
 *
 * The same sources give the same bytes: all files have the time of the last commit.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { readArguments } from '../arguments.mjs';
import { run } from '../run.mjs';
import { setUp } from '../setup.mjs';
import { controlOf, manualPage, nodeControlOf } from './deb-control.mjs';
import { fetchedPackage } from './fetched-package.mjs';
import { shippedManifest } from './manifest.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = join(root, 'build/packages');
const nodeVersion = '24';
const debianNames = { x64: 'amd64', arm64: 'arm64' };
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}

/** A folder that becomes a package, with what puts files into it. */
class Tree {
  #folder;

  constructor(name) {
    this.#folder = join(root, 'build/deb', name);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #place(path) {
    const target = join(this.#folder, path);
    mkdirSync(dirname(target), { recursive: true });
    return target;
  }

  copy(source, path) {
    cpSync(join(root, source), this.#place(path), { recursive: true, dereference: true });
  }

  write(path, content) {
    writeFileSync(this.#place(path), content);
  }

  /** The rights that a file has do not depend on those in the checkout. */
  #setRights(executables) {
    for (const entry of readdirSync(this.#folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      const isOpen = entry.isDirectory() || executables.some((end) => path.endsWith(end));
      chmodSync(path, isOpen ? 0o755 : 0o644);
    }
    chmodSync(this.#folder, 0o755);
  }

  /** In KiB, as the control file has it. */
  get installedKiB() {
    const entries = readdirSync(this.#folder, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('/DEBIAN'))
      .reduce(
        (sum, { parentPath, name }) =>
          sum + Math.ceil(statSync(join(parentPath, name)).size / 1024),
        0,
      );
  }

  build(file, executables) {
    this.#setRights(executables);
    const time = run(['git', 'log', '-1', '--format=%ct'], { cwd: root }).stdout.trim();
    const env = { ...process.env, SOURCE_DATE_EPOCH: time };
    const target = join(packages, file);
    run(['dpkg-deb', '--root-owner-group', '-Zxz', '--build', this.#folder, target], { env });
    process.stdout.write(
      `${file}: ${mib(statSync(target).size)} MiB, installed ${mib(this.installedKiB * 1024)} MiB\n`,
    );
  }
}

/** An example of code is no part of a package for a device; the model of the demo and of `doctor` is. */
function addProgram(tree, arch) {
  const library = 'usr/lib/lstmd';
  const addon = `lstmd-linux-${arch}`;
  if (!existsSync(join(packages, addon))) {
    process.stderr.write(
      `lstmd: there is no build/packages/${addon}; run: npm run package:addons\n`,
    );
    process.exit(1);
  }
  for (const name of readdirSync(join(root, 'bundle'))) {
    const isOfAnother = name.startsWith('serialport-') && name !== `serialport-${arch}.node`;
    if (!isOfAnother && name !== 'types') {
      tree.copy(`bundle/${name}`, `${library}/bundle/${name}`);
    }
  }
  for (const name of ['package.json', 'lstmd.node', 'THIRD-PARTY.md']) {
    tree.copy(`build/packages/${addon}/${name}`, `${library}/node_modules/${addon}/${name}`);
  }
  tree.write(`${library}/package.json`, `${JSON.stringify(shippedManifest(manifest), null, 2)}\n`);
  tree.copy('examples/running/running.keras', `${library}/examples/running/running.keras`);
  tree.copy('deploy/lstmd.schema.json', `${library}/deploy/lstmd.schema.json`);
}

function addSystemFiles(tree) {
  tree.copy('deploy/debian/lstmd', 'usr/bin/lstmd');
  tree.copy('deploy/debian/lstmd.yaml', 'etc/lstmd/lstmd.yaml');
  for (const unit of ['lstmd.service', 'lstmd@.service']) {
    tree.copy(`deploy/${unit}`, `usr/lib/systemd/system/${unit}`);
  }
  tree.copy('deploy/90-lstmd.rules', 'usr/lib/udev/rules.d/90-lstmd.rules');
  tree.copy('deploy/debian/completion', 'usr/share/bash-completion/completions/lstmd');
  const { stdout: help } = run([process.execPath, join(root, 'bundle/cli.cjs'), '--help'], {
    env: { ...process.env, COLUMNS: '200' },
  });
  const manual = gzipSync(manualPage(manifest, help), { level: 9 });
  tree.write('usr/share/man/man1/lstmd.1.gz', manual);
  const copyright = `${readFileSync(join(root, 'LICENSE'), 'utf8')}
What is inside beside it, with its licences: /usr/lib/lstmd/bundle/THIRD-PARTY.md and, of the addon,
/usr/lib/lstmd/node_modules/*/THIRD-PARTY.md
`;
  tree.write('usr/share/doc/lstmd/copyright', copyright);
  const changes = gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 });
  tree.write('usr/share/doc/lstmd/changelog.gz', changes);
}

function buildProgram(arch) {
  const debian = debianNames[arch];
  const tree = new Tree(`lstmd-${debian}`);
  addProgram(tree, arch);
  addSystemFiles(tree);
  tree.write('DEBIAN/conffiles', '/etc/lstmd/lstmd.yaml\n');
  for (const script of ['preinst', 'postinst', 'prerm', 'postrm']) {
    const text = readFileSync(join(root, 'deploy/debian', script), 'utf8');
    tree.write(`DEBIAN/${script}`, text.replaceAll('@VERSION@', manifest.version));
  }
  tree.write('DEBIAN/control', controlOf(manifest, debian, tree.installedKiB));
  const executables = ['/usr/bin/lstmd', '/preinst', '/postinst', '/prerm', '/postrm'];
  tree.build(`lstmd_${manifest.version}_${debian}.deb`, executables);
}

function buildNode(arch) {
  const debian = debianNames[arch];
  const source = fetchedPackage(`node-linux-${arch}`, nodeVersion);
  const { version } = JSON.parse(readFileSync(join(root, source, 'package.json'), 'utf8'));
  const tree = new Tree(`lstmd-node-${debian}`);
  tree.copy(`${source}/bin/node`, 'usr/lib/lstmd-node/bin/node');
  tree.copy(`${source}/LICENSE`, 'usr/share/doc/lstmd-node/copyright');
  tree.write('DEBIAN/control', nodeControlOf(version, debian, tree.installedKiB));
  tree.build(`lstmd-node_${version}_${debian}.deb`, ['/bin/node']);
}

const help = `npm run package:deb [-- [--arch ARCH] [--without-node]]

Makes the Debian packages of the program and of Node in build/packages, from the addons of npm run package:addons.

--arch ARCH      one of ${Object.keys(debianNames).join(', ')}; may be given again; default all
--without-node   no package of Node, which is fetched from its own packages in the registry of npm`;
const { values: flags } = readArguments(help, {
  options: {
    arch: {
      type: 'string',
      multiple: true,
      choices: Object.keys(debianNames),
      default: Object.keys(debianNames),
    },
    'without-node': { type: 'boolean' },
  },
});
await setUp({ withAddon: false });
mkdirSync(packages, { recursive: true });
for (const arch of flags.arch) {
  buildProgram(arch);
  if (flags['without-node'] !== true) {
    buildNode(arch);
  }
}
