import { readFileSync } from 'node:fs';
import { packageFile } from './package-root.js';

/** Version of this package, as package.json has it. */
export function packageVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
