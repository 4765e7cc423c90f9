import { inputOptionsOf, orFaultOfFlag } from '../../agent/flagged-inputs.js';
import { printableText } from '../../base/printable-text.js';
import { halfPrecisionText } from '../../model/plan/half-precision.js';
import { ExitCode } from '../../base/errors.js';
import { verifyCase, type VerifyResult } from '../../stream/verification.js';
import { caseRowOf } from '../../stream/case-row.js';
import { readCase } from '../../stream/verify-case.js';
import { readModel } from '../../model/load-model.js';
import type { InputFlags } from '../terminal/input-flags.js';
import { table } from '../terminal/table.js';
import type { EngineName } from '../../engine/program/engine.js';
import type { WeightFormat } from '../../engine/program/weight-format.js';
import type { Mode, StreamPlan } from '../../model/plan/stream-plan.js';

export interface VerifyOptions extends InputFlags {
  readonly mode?: Mode;
  readonly window?: number;
  readonly engine?: EngineName;
  readonly weights?: WeightFormat;
  readonly json?: boolean;
}

/**
 * Prints how far each mode and engine is from the case. The exit code is 1 when one is too far with
 * float32 weights; results with other weights are printed beside and do not count.
 *
 * @throws LstmdError for a model or case that cannot be read, or a mode that is not exact
 */
export async function verify(
  model: string,
  caseFile: string,
  options: VerifyOptions,
): Promise<void> {
  const known = await readCase(caseFile);
  const { constants = known.constants, ...others } = inputOptionsOf(options, undefined);
  const given = { window: options.window ?? known.window, constants, ...others };
  const { compile, plan } = await orFaultOfFlag(model, options, async () => {
    const planOf = await readModel(model, given);
    return { compile: planOf, plan: planOf('last') };
  });
  const { outputs: [firstRow] = [] } = known.expected.get('sliding') ?? {};
  // Where the last step alone is stepped, all steps may take operations over a whole window: both must agree with the case.
  const whole =
    firstRow !== undefined && caseRowOf(plan, firstRow.length)?.isWhole === true
      ? compile('whole')
      : undefined;
  const modes = options.mode === undefined ? [...known.expected.keys()] : [options.mode];
  const engines =
    options.engine === undefined ? (['native', 'reference'] as const) : [options.engine];
  const results: VerifyResult[] = [];
  const formats = [...new Set(['f32', options.weights ?? 'f32'] as const)];
  for (const mode of modes) {
    for (const engine of engines) {
      for (const weights of formats) {
        const result = await verifyCase(plan, known, { mode, engine, weights });
        const other =
          mode === 'sliding' && whole !== undefined
            ? await verifyCase(whole, known, { mode, engine, weights })
            : result;
        results.push(
          other.largestError / other.tolerance > result.largestError / result.tolerance
            ? other
            : result,
        );
      }
    }
  }
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(results, null, 2)}\n`
      : `${resultsText(results)}${precisionText(plan)}`,
  );
  if (results.some(({ ok, weights }) => !ok && weights === 'f32')) {
    process.exitCode = ExitCode.failure;
  }
}

function precisionText({ halfPrecision }: StreamPlan): string {
  return halfPrecision === null
    ? ''
    : `${printableText(halfPrecisionText(halfPrecision))}; the tolerance is at least that\n`;
}

function resultsText(results: readonly VerifyResult[]): string {
  const rows = results.map(
    ({ mode, engine, target, weights, rows: count, largestError, tolerance, where, ok }) => [
      mode,
      `${engine} (${target})`,
      weights,
      String(count),
      largestError.toExponential(1),
      tolerance.toExponential(0),
      where,
      ok ? 'ok' : weights === 'f32' ? 'WRONG' : 'beyond',
    ],
  );
  const head = ['mode', 'engine', 'weights', 'rows', 'largest error', 'tolerance', 'where', ''];
  return `${table([head, ...rows]).join('\n')}\n`;
}
