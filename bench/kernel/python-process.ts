import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { seedModel } from '#src/commands/bench/kernel/seed-model.js';
import { programOf } from '#src/engine/program/program.js';
import { checkedInput, largestDifference } from './checked-outputs.js';
import { onnxModel } from './onnx-peer.js';
import type { AbsentPeer, ProcessResult } from './peer.js';

const name = 'onnxruntime, Python';
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
    const input = checkedInput();
    const model = join(folder, 'seed.onnx');
    const rows = join(folder, 'samples');
    writeFileSync(model, onnxModel(seed));
    writeFileSync(rows, input);
    const python = process.env['BENCH_PYTHON'] ?? 'python3';
    const { stdout } = await promisify(execFile)(python, [script, model, rows, String(seconds)]);
    const { version, outputs, ...figures } = JSON.parse(stdout) as PythonReport;
    const program = programOf(seed.plan, { mode: 'continuous' });
    const difference = largestDifference(outputs, program, input);
    return { name, target: version, ...figures, largestDifference: difference };
  } catch {
    const reason = 'pip install onnxruntime, in an environment whose python BENCH_PYTHON names';
    return { name, reason };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
