import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../run.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Fetches a package from npm's registry, once, into a folder of its own below build/device/tools.
 *
 * @param name of the package
 * @param version or a range of versions
 * @returns the folder of the package, as a path from the root of the project
 */
export function fetchedPackage(name, version) {
  const tool = `build/device/tools/${name}_${version}`;
  const folder = join(root, tool);
  if (!existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    // --force takes the package of another processor, too.
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--force', '--loglevel=error'];
    run(['npm', 'install', ...flags, `${name}@${version}`], { cwd: folder });
  }
  return `${tool}/node_modules/${name}`;
}
