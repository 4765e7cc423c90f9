// Prints `x,y,z,activity` rows of the simulated wearer: node motion-to-csv.mjs SEED RATE_HZ SAMPLES [ACTIVITY]
// It needs the compiled sources (`npm run build`).
import { MotionModel } from '../../dist/simulator/motion/motion.js';

const [seed, rateHz, samples, activity] = process.argv.slice(2);
const motion = new MotionModel({
  seed: Number(seed),
  rateHz: Number(rateHz),
  ...(activity && { activity }),
});
const reading = new Float32Array(3);
const rows = [];
for (let n = 0; n < Number(samples); n += 1) {
  motion.next(reading);
  rows.push(`${reading.join(',')},${motion.activity}\n`);
}
process.stdout.write(rows.join(''));
