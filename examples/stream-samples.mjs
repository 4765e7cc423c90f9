// Streams samples through a Keras model and carries its state over a restart:
//   node examples/stream-samples.mjs
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadModel, loadStateFile, openStream, saveStateFile } from 'lstmd';

const model = fileURLToPath(new URL('running/running.keras', import.meta.url));
const { stepper } = await openStream(await loadModel(model), { mode: 'continuous' });
if (existsSync('wearer.state')) await loadStateFile('wearer.state', stepper);
for (let n = 0; n < 26; n += 1) {
  const outputs = stepper.push([Math.sin(n), 0.1, 0.9]);
  console.log(outputs?.[0]);
}
await saveStateFile('wearer.state', stepper);
