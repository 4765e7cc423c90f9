import { StateStore } from '#src/state/state-store.js';
import { silentLog } from '../support/silent-log.js';

/**
 * Saves without a pause until it is killed or a save fails: state n is n in every float. Prints n
 * once n is on flash. Arguments: directory, floats, and, to go on over failures, how many saves.
 */
const [directory, floats, attempts] = process.argv.slice(2);
if (directory === undefined) {
  throw new Error('which directory?');
}
const state = new Float32Array(Number(floats));
const store = new StateStore({
  stream: 'spindle',
  directory,
  modelSha256: '00'.repeat(32),
  layoutHash: '11'.repeat(32),
  stateSize: state.length,
  maxAgeSeconds: 600,
  log: silentLog,
});
const result = await store.load();
const last = attempts === undefined ? Infinity : Number(attempts);
for (let n = (result.saved?.sampleCount ?? 0) + 1; n <= last; n += 1) {
  if (await store.save(state.fill(n), n, Date.now())) {
    process.stdout.write(`${n}\n`);
  } else if (attempts === undefined) {
    process.exit(1);
  }
}
await store.close();
