import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { randomFloats } from '#src/commands/bench/kernel/random-plan.js';
import { features, seedModel } from '#src/commands/bench/kernel/seed-model.js';
import { programOf } from '#src/engine/program/program.js';
import { createStepArrays } from '#src/engine/program/step-arrays.js';
import { createReferenceEngine } from '#src/engine/reference/reference-engine.js';
import { onnxModel } from './onnx-peer.js';
import type { AbsentPeer, ProcessResult } from './peer.js';

const name = 'onnxruntime, Python';
const samples = 1000;
const script = fileURLToPath(new URL('../../../bench/kernel/onnx_steps.py', import.meta.url));

/** Holds what the script prints. */
interface PythonReport {
  readonly version: string;
  readonly medianNs: number;
  readonly p99Ns: number;
  readonly rssBeforeMiB: number;
  readonly rssMiB: number;
  readonly outputs: readonly number[];
}

/** Measures onnxruntime in the Python that `BENCH_PYTHON` names. */
export async function measureInPython(seconds: number): Promise<ProcessResult | AbsentPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'lstmd-python-'));
  try {
    const seed = seedModel(null);
    const input = randomFloats(samples * features, 1, 11);
    const model = join(folder, 'seed.onnx');
    const rows = join(folder, 'samples');
    writeFileSync(model, onnxModel(seed));
    writeFileSync(rows, input);
    const python = process.env['BENCH_PYTHON'] ?? 'python3';
    const { stdout } = await promisify(execFile)(python, [script, model, rows, String(seconds)]);
    const { version, outputs, ...figures } = JSON.parse(stdout) as PythonReport;
    return { name, target: version, ...figures, largestDifference: differenceOf(outputs, input) };
  } catch {
    const reason = 'pip install onnxruntime, in an environment whose python BENCH_PYTHON names';
    return { name, reason };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The largest difference from the reference engine, from the reset state on. */
function differenceOf(outputs: readonly number[], input: Float32Array): number {
  const program = programOf(seedModel(null).plan, { mode: 'continuous' });
  const arrays = createStepArrays(program, samples);
  arrays.input.set(input);
  createReferenceEngine(program).bind(arrays)(samples);
  return arrays.output.reduce(
    (most, value, n) => Math.max(most, Math.abs(value - (outputs[n] ?? Number.NaN))),
    0,
  );
}
