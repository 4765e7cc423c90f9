import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { projectFile } from './project.js';

/**
 * `skip` option of a test that needs a program: false where the program is, else the reason. With
 * LSTMD_REQUIRE_ALL the test runs and fails instead.
 *
 * @param program a name on the PATH or an absolute path
 * @param debianPackage what brings it
 */
export function needsProgram(program: string, debianPackage: string): string | false {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
  return found || mustRun() ? false : `needs ${program}: apt-get install ${debianPackage}`;
}

/** The folder of recordings and models beside the checkout; it is not part of the project. */
export const sharedFolder = projectFile('../shared');

/** `skip` option of a test that needs the folder beside the checkout, which not everyone has. */
export function needsShared(): string | false {
  return existsSync(sharedFolder) ? false : 'needs ../shared, which is not part of the project';
}

function mustRun(): boolean {
  return process.env['LSTMD_REQUIRE_ALL'] === '1';
}
