/** `npm start`: set up if need be, then the demo in this same process. */
import { setUp } from './setup.mjs';

await setUp();
process.argv.splice(2, 0, 'demo');
await import('../dist/cli.js');
