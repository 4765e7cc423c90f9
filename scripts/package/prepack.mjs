/**
 * Runs before `npm pack` and `npm publish`: builds the bundle, and puts the manifest of what is shipped in the place of that of
 * the checkout, which `postpack.mjs` brings back. The lock file of a checkout so names nothing that no registry has.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setUp } from '../setup.mjs';
import { keptManifest, manifestFile, restoreManifest } from './kept-manifest.mjs';
import { shippedManifest } from './manifest.mjs';

// A run that was cut off has left the shipped one there.
restoreManifest();
await setUp({ withAddon: false });
mkdirSync(dirname(keptManifest), { recursive: true });
copyFileSync(manifestFile, keptManifest);
const shipped = shippedManifest(JSON.parse(readFileSync(manifestFile, 'utf8')));
writeFileSync(manifestFile, `${JSON.stringify(shipped, null, 2)}\n`);
