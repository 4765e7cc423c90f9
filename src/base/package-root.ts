import { fileURLToPath } from 'node:url';

/** The package's folder: the one place that knows that the compiled files lie in `dist/`. */
const packageRoot = new URL('../..', import.meta.url);

/**
 * Locates a file of the package.
 *
 * @param path relative to the package's folder, with `/` between names
 * @returns its absolute path
 */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(path, packageRoot));
}
