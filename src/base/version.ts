import { readFileSync } from 'node:fs';
import { packageFile } from './package-root.js';

/** The version of this package, from its package.json. */
export function packageVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
