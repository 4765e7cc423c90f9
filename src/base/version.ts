import { manifest } from './package-root.js';

/** The version of this package, from its package.json. */
export function packageVersion(): string {
  return manifest().version;
}
