import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The package's folder: the nearest one above this file that has a package.json, whether this file was compiled on its
 * own (`dist/base/`) or lies in a bundle (`bundle/`).
 */
const packageRoot = nearestPackage(new URL('.', import.meta.url));

/**
 * Locates a file of the package.
 *
 * @param path relative to the package's folder, with `/` between names
 * @returns its absolute path
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, packageRoot));
}

/** The parts of package.json that the program reads of itself. */
export interface Manifest {
  readonly version: string;
  readonly bin: { readonly lstmd: string };
}

/** The package.json of this package. */
export function manifest(): Manifest {
  return JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as Manifest;
}

/** The file of the command line, for a process of its own. */
export function programFile(): string {
  return packageFile(manifest().bin.lstmd);
}

function nearestPackage(folder: URL): URL {
  const parent = new URL('..', folder);
  const isFound = existsSync(new URL('package.json', folder)) || parent.href === folder.href;
  return isFound ? folder : nearestPackage(parent);
}
