/** Runs after `npm pack` and `npm publish`: brings the manifest of the checkout back. */
import { restoreManifest } from './kept-manifest.mjs';

restoreManifest();
