/** `npm run bench -- NAME`: sets up if need be, then the comparisons of bench/ in this same process. */
import { setUp } from './setup.mjs';

await setUp();
await import('../build/bench/cli.js');
