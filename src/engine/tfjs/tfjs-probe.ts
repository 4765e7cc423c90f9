import { messageOf } from '../../base/errors.js';
import { loadTensorFlow } from './load-tensorflow.js';

// The program of the process that `probe-tensorflow.ts` starts: its last two lines say what it found.
const found = await loadTensorFlow().then(
  ({ target }) => `runs\n${target}`,
  (error: unknown) => `broken\n${messageOf(error)}`,
);
process.stdout.write(`${found}\n`);
