/** Roots of Debian, each made once by debootstrap: for building the addons (old-root.mjs), and for trying the packages. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { run } from '../run.mjs';

const mirror = 'http://deb.debian.org/debian';

/** Makes a folder where it is absent. One that was not finished is made anew. */
export function makeOnce(folder, make) {
  if (existsSync(folder)) {
    return;
  }
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  make(unfinished);
  renameSync(unfinished, folder);
}

/**
 * Installs a release of Debian with these packages into a folder.
 *
 * @param options those of `run`
 */
export function debootstrap(folder, suite, packages, options) {
  const include = `--include=${packages.join(',')}`;
  run(['debootstrap', '--variant=minbase', include, suite, folder, mirror], options);
}
