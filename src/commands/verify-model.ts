import { ExitCode } from '../errors.js';
import { verifyCase, type VerifyResult } from '../library/verification.js';
import { readCase } from '../library/verify-case.js';
import { loadModel } from '../model/load-model.js';
import { table } from './table.js';
import type { VerifyOptions } from './verify.js';

/**
 * Prints how far each mode and engine is from the case; the exit code is 1 when one is too far.
 *
 * @throws LstmdError for a model or case that cannot be read, or a mode that is not exact
 */
export async function verify(
  model: string,
  caseFile: string,
  options: VerifyOptions,
): Promise<void> {
  const plan = await loadModel(model);
  const known = await readCase(caseFile);
  const modes = options.mode === undefined ? [...known.expected.keys()] : [options.mode];
  const engines =
    options.engine === undefined ? (['native', 'reference'] as const) : [options.engine];
  const results: VerifyResult[] = [];
  for (const mode of modes)
    for (const engine of engines) results.push(await verifyCase(plan, known, { mode, engine }));
  process.stdout.write(
    options.json === true ? `${JSON.stringify(results, null, 2)}\n` : resultsText(results),
  );
  if (results.some(({ ok }) => !ok)) process.exitCode = ExitCode.failure;
}

function resultsText(results: readonly VerifyResult[]): string {
  const rows = results.map(
    ({ mode, engine, target, rows: count, largestError, tolerance, where, ok }) => [
      mode,
      `${engine} (${target})`,
      String(count),
      largestError.toExponential(1),
      tolerance.toExponential(0),
      where,
      ok ? 'ok' : 'WRONG',
    ],
  );
  const head = ['mode', 'engine', 'rows', 'largest error', 'tolerance', 'where', ''];
  return `${table([head, ...rows]).join('\n')}\n`;
}
