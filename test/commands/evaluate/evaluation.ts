import assert from 'node:assert/strict';
import { findEvaluation } from '#src/commands/evaluate/action.js';
import { evaluateCommand } from '#src/commands/evaluate/command.js';
import type { EvaluateOptions } from '#src/commands/evaluate/options.js';
import type { EvaluationReport } from '#src/commands/evaluate/report.js';
import { LstmdError } from '#src/base/errors.js';

// A configuration is read with the options in LSTMD_..., and this one is for the tests: none of theirs here asks for it.
delete process.env['LSTMD_REQUIRE_ALL'];

/** Returns what `lstmd evaluate` with these arguments finds, without a process of its own. */
export async function evaluate(...args: string[]): Promise<EvaluationReport> {
  let report: EvaluationReport | undefined;
  const command = evaluateCommand().exitOverride();
  command.action(async (model: string | undefined, options: EvaluateOptions) => {
    ({ report } = await findEvaluation(model, options));
  });
  await command.parseAsync(args, { from: 'user' });
  assert.ok(report !== undefined);
  // As a program reads it.
  return JSON.parse(JSON.stringify(report)) as EvaluationReport;
}

/** Why `lstmd evaluate` refuses these arguments, with that exit code. */
export async function refusal(code: number, ...args: string[]): Promise<string> {
  let message = '';
  await assert.rejects(evaluate(...args), (error) => {
    assert.ok(error instanceof LstmdError, String(error));
    assert.equal(error.exitCode, code, error.message);
    message = error.message;
    return true;
  });
  return message;
}
