import { existsSync } from 'node:fs';
import { projectFile } from './project.js';

/**
 * A recording or model of others, or a folder of them. They lie beside the checkout, in `../shared/data`: their licences are
 * their owners', so the project does not hold them.
 *
 * @param name of the file or folder there
 * @returns its absolute path
 */
export function sharedData(name: string): string {
  return projectFile(`../shared/data/${name}`);
}

/**
 * `skip` option of a test that reads `sharedData(name)`. It is the one requirement that LSTMD_REQUIRE_ALL does not demand: whoever
 * clones the project cannot have them.
 */
export function needsShared(name: string): string | false {
  return existsSync(sharedData(name))
    ? false
    : `needs ../shared/data/${name}: recordings and models of others are no part of the project`;
}
