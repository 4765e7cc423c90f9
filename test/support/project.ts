import { fileURLToPath } from 'node:url';

/** The checkout's folder: the one place that knows that compiled tests lie in `build/test/`. */
const projectRoot = new URL('../../..', import.meta.url);

/**
 * A file of the checkout, or beside it.
 *
 * @param path relative to the checkout's folder, with `/` between names
 * @returns its absolute path
 */
export function projectFile(path: string): string {
  return fileURLToPath(new URL(path, projectRoot));
}

/** The command line as it is shipped. */
export const cli = projectFile('dist/cli.js');
