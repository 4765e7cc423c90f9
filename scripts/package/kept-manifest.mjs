import { existsSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const manifestFile = fileURLToPath(new URL('../../package.json', import.meta.url));
/** The manifest of the checkout, while that of what is shipped is in its place. */
export const keptManifest = fileURLToPath(
  new URL('../../build/package.json.kept', import.meta.url),
);

/** Brings the manifest of the checkout back where it was put aside. */
export function restoreManifest() {
  if (existsSync(keptManifest)) {
    renameSync(keptManifest, manifestFile);
  }
}
