import { existsSync } from 'node:fs';
import type { createRequire } from 'node:module';
import { errorCode, LstmdError, messageOf } from '../base/errors.js';
import { packageFile } from '../base/package-root.js';
import { packageVersion } from '../base/version.js';

/** The processors that there is a package with the addon for, as Node calls them. */
const architectures: readonly string[] = ['x64', 'arm64'];

/**
 * Loads the file of the addon: the one that was built in this checkout, else the one of the package for this machine's
 * processor, which is installed beside this one. Nothing is built and no install script is needed. The way out is a tarball by
 * its path, because the name alone would ask a registry, where it is not ours.
 *
 * @param load the `require` of this package
 * @throws LstmdError `engine.unavailable` when there is none, or none that loads, with what to install
 */
export function loadAddonFile(load: ReturnType<typeof createRequire>): unknown {
  const built = packageFile('build/native/Release/lstmd.node');
  if (existsSync(built)) {
    return attempt(built, 'build it anew with "npm run build"', () => load(built) as unknown);
  }
  const name = `lstmd-${process.platform}-${process.arch}`;
  const version = packageVersion();
  const install =
    `npm install ${isGlobal() ? '--global ' : ''}./${name}-${version}.tgz, ` +
    'the tarball that comes beside that of the program; see docs/install.md';
  const { version: installed } = readManifest(load, name);
  if (installed === undefined) {
    throw unavailable(`is not installed (${name}): ${wayOut(install)}`);
  }
  if (installed !== version) {
    throw unavailable(
      `is of another version: ${name} ${installed} beside lstmd ${version}: ${install}`,
    );
  }
  const needs = 'it needs a Linux with glibc 2.31 or newer (Debian 11, Ubuntu 20.04)';
  return attempt(name, needs, () => load(name) as unknown);
}

function readManifest(
  load: ReturnType<typeof createRequire>,
  name: string,
): { readonly version?: string } {
  try {
    return load(`${name}/package.json`) as { readonly version: string };
  } catch (cause) {
    if (errorCode(cause) === 'MODULE_NOT_FOUND') {
      return {};
    }
    throw unavailable(`does not load (${name}): ${messageOf(cause)}`, cause);
  }
}

function attempt(what: string, remedy: string, load: () => unknown): unknown {
  try {
    return load();
  } catch (cause) {
    throw unavailable(`does not load (${what}): ${remedy}`, cause);
  }
}

function isGlobal(): boolean {
  return packageFile('.').endsWith('/lib/node_modules/lstmd/');
}

function wayOut(install: string): string {
  if (existsSync(packageFile('native'))) {
    return 'build it with "npm run build"';
  }
  return architectures.includes(process.arch)
    ? install
    : `there is one for ${architectures.join(' and ')} alone, and elsewhere it is built in a clone of the repository`;
}

function unavailable(what: string, cause?: unknown): LstmdError {
  return new LstmdError('engine.unavailable', `the native addon ${what}`, { cause });
}
