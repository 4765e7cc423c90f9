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

/**
 * The command line for a process of its own. `npm test` sets TESTS_OF_BUNDLE, and then it is the bundle, as it is shipped, whose
 * start takes half of the CPU time. A test file that is run by hand takes the compiled files, which `tsc` alone brings up to date.
 */
export const cli = projectFile(
  process.env['TESTS_OF_BUNDLE'] === '1' ? 'bundle/cli.cjs' : 'dist/cli.js',
);
