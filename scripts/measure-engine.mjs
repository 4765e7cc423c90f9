/**
 * `node scripts/measure-engine.mjs ENGINE`: what a step of the example model takes, memory, and the
 * largest difference from Keras. NODE_PATH may name the folder that tfjs comes from.
 */
import { loadModel, openStream, readCase, verifyCase } from '../dist/src/index.js';

const engine = process.argv[2] ?? 'auto';
const plan = await loadModel('examples/running/running.keras');
const known = await readCase('examples/running/case.json');
const before = process.memoryUsage.rss();
const { stepper, target } = await openStream(plan, { mode: 'continuous', engine });
const rowOf = (n) => known.input[n % known.input.length];
for (let n = 0; n < 2000; n++) stepper.push(rowOf(n));
const us = Float64Array.from({ length: 10_000 }, (_, n) => {
  const from = process.hrtime.bigint();
  stepper.push(rowOf(n));
  return Number(process.hrtime.bigint() - from) / 1000;
}).sort();
const rss = process.memoryUsage.rss();
const { largestError } = await verifyCase(plan, known, { mode: 'continuous', engine });
const mb = (bytes) => Math.round(bytes / 2 ** 20);
process.stdout.write(
  `${JSON.stringify({ engine, target, p50us: us[5000], p99us: us[9900], rssMbBefore: mb(before), rssMb: mb(rss), largestError })}\n`,
);
