import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Daemon, runCli, testFolder, writeConfig } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { inputLayer, kerasHdf5, lstmLayer, type Weight } from '../support/model-writer.js';

/** Has a process write the most memory that it ever had, in KiB, to its stderr as it ends. */
const peakOnExit =
  "data:text/javascript,import{readFileSync}from'node:fs';" +
  "process.on('exit',()=>console.error(/VmHWM:.*/.exec(readFileSync('/proc/self/status','utf8'))[0]))";

/** Weights that are all 0.001. */
function filled(...shape: number[]): Weight {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: new Float32Array(size).fill(0.001) };
}

/** A model of one LSTM. */
async function model(units: number): Promise<Uint8Array> {
  const weights = [filled(3, 4 * units), filled(units, 4 * units), filled(4 * units)];
  const lstm = { ...lstmLayer('lstm', 3, 1, { units }), weights };
  return kerasHdf5({ kerasVersion: '3.15.1', layers: [inputLayer(4), lstm] });
}

/** The most memory that a command ever had. */
async function peakBytesOf(command: readonly string[]): Promise<number> {
  const env = { NODE_OPTIONS: `--import=${peakOnExit}` };
  const { code, stderr } = await runCli(command, { input: '1,2,3\n', env });
  const peakKiB = Number(/VmHWM:\s+(\d+) kB/.exec(stderr)?.[1]);
  assert.ok(code === 0 && peakKiB > 0, stderr);
  return peakKiB * 1024;
}

test('loading a model takes little more memory than its weights have', async (t) => {
  const folder = testFolder(t);
  const fileOf = (units: number): string => join(folder, `${units}.h5`);
  const peakOf = async (units: number): Promise<{ bytes: number; peakBytes: number }> => {
    const file = fileOf(units);
    writeFileSync(file, await model(units));
    const command = ['predict', file, '--mode', 'continuous', '--input', '-'];
    return { bytes: statSync(file).size, peakBytes: await peakBytesOf(command) };
  };
  const small = await peakOf(2);
  const large = await peakOf(1760);
  const ratio = (large.peakBytes - small.peakBytes) / large.bytes;
  // Two copies of the weights at once would be 2.
  assert.ok(ratio < 1.4, `${ratio.toFixed(2)} of the file beyond what a small model takes`);
  t.diagnostic(`${(large.peakBytes / large.bytes).toFixed(2)} of the file in all`);

  // TensorFlow.js is installed here, and is tried by a process of its own.
  const inspected = await peakBytesOf(['inspect', fileOf(1760)]);
  const more = (inspected - large.peakBytes) / large.bytes;
  assert.ok(more < 0.5, `inspect takes ${more.toFixed(2)} of the file more than predict`);
});

test('the daemon loads a model into the room that its own start has left', async (t) => {
  const peakOf = async (units: number): Promise<{ bytes: number; peakBytes: number }> => {
    const folder = testFolder(t);
    const file = join(folder, 'model.h5');
    writeFileSync(file, await model(units));
    const config = writeConfig({ folder, brokerUrl: 'mqtt://127.0.0.1:9', link: '/dev/ttyNone' });
    const text = readFileSync(config, 'utf8');
    const ofDemo = projectFile('examples/running/running.keras');
    writeFileSync(config, text.replace(ofDemo, file).replace(', labels: [running]', ''));
    const daemon = new Daemon(t, config);
    await daemon.logged(/^running$/);
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
    const peakKiB = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
    assert.equal(await daemon.end(), 0, daemon.text);
    return { bytes: statSync(file).size, peakBytes: peakKiB * 1024 };
  };
  const small = await peakOf(2);
  const large = await peakOf(1760);
  const ratio = (large.peakBytes - small.peakBytes) / large.bytes;
  // The weights on top of the heap as the start has left it would be 1.1, and of the bundle 1.25.
  assert.ok(ratio < 1.05, `${ratio.toFixed(2)} of the file beyond what a small model takes`);
  t.diagnostic(`${(large.peakBytes / large.bytes).toFixed(2)} of the file in all`);
});
