import { Command, CommanderError } from 'commander';
import { errorCode, ExitCode, furtherCause, LstmdError, messageOf } from '../base/errors.js';
import { forStderr, Priority } from '../base/journal.js';
import { printableText } from '../base/printable-text.js';
import { packageVersion } from '../base/version.js';
import { benchCommand } from './bench/command.js';
import { demoCommand } from './demo/command.js';
import { describeCommand } from './describe/command.js';
import { detectCommand } from './detect/command.js';
import { doctorCommand } from './doctor/command.js';
import { evaluateCommand } from './evaluate/command.js';
import { initCommand } from './init/command.js';
import { inspectCommand } from './inspect/command.js';
import { monitorCommand } from './monitor/command.js';
import { portsCommand } from './ports/command.js';
import { predictCommand } from './predict/command.js';
import { recordCommand } from './record/command.js';
import { replayCommand } from './replay/command.js';
import { runCommand } from './run/command.js';
import { simulateCommand } from './simulate/command.js';
import { stateCommand } from './state/command.js';
import { verifyCommand } from './verify/command.js';

/**
 * Runs one command line.
 *
 * @param args what comes after the program's name
 * @returns the exit code, after sysexits.h; the reason of a failure is on stderr
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const program = new Command('lstmd')
    .description('Steps a Keras-trained LSTM on a live sensor stream, one sample at a time.')
    .version(packageVersion())
    .addCommand(runCommand())
    .addCommand(demoCommand())
    .addCommand(predictCommand())
    .addCommand(inspectCommand())
    .addCommand(verifyCommand())
    .addCommand(evaluateCommand())
    .addCommand(recordCommand())
    .addCommand(replayCommand())
    .addCommand(monitorCommand())
    .addCommand(describeCommand())
    .addCommand(simulateCommand())
    .addCommand(portsCommand())
    .addCommand(detectCommand())
    .addCommand(initCommand())
    .addCommand(stateCommand())
    .addCommand(doctorCommand())
    .addCommand(benchCommand())
    .addHelpText('after', '\nBegin with "lstmd demo", then "lstmd init --model MODEL".');
  for (const command of [program, ...subcommands(program)]) {
    command.exitOverride().showHelpAfterError('(add --help for the options and examples)');
  }
  endWithoutReader();
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : ExitCode.ok;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    }
    return report(error);
  }
}

function subcommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...subcommands(child)]);
}

/**
 * Ends the command when nothing more can be written to stdout, and without a word when that is because its
 * reader has gone (`| head`). Other programs are ended by SIGPIPE then; Node ignores that signal and emits
 * an error for each write, which is a crash where nothing listens. A command that has something to save
 * listens to SIGHUP, and is ended by it, as it is when its terminal is closed.
 */
function endWithoutReader(): void {
  let isTold = false;
  process.stdout.on('error', (error) => {
    if (process.listenerCount('SIGHUP') === 0) {
      process.exit(errorCode(error) === 'EPIPE' ? ExitCode.ok : report(error));
    }
    if (!isTold) {
      isTold = true;
      if (errorCode(error) !== 'EPIPE') {
        process.exitCode = report(error);
      }
      process.emit('SIGHUP', 'SIGHUP');
    }
  });
  // A terminal that was closed takes no words any more, and that is no reason to end without saving.
  process.stderr.on('error', () => {});
}

function report(thrown: unknown): number {
  const error = fullDiskOf(thrown) ?? thrown;
  process.stderr.write(forStderr(reportOf(error), Priority.error));
  return error instanceof LstmdError ? error.exitCode : ExitCode.software;
}

/** Where stdout is a file, Node throws a failed write at the command: that is no fault of the program. */
function fullDiskOf(error: unknown): LstmdError | null {
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(errorCode(error) ?? '');
  if (!isFull || error instanceof LstmdError) {
    return null;
  }
  return new LstmdError(
    'output.write',
    `the output ends before its time, the rest could not be written: ${messageOf(error)}`,
    { cause: error },
  );
}

function reportOf(error: unknown): string {
  if (!(error instanceof LstmdError)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `lstmd: unexpected: ${text}\n`;
  }
  const cause = furtherCause(error);
  const because = cause === undefined ? '' : `  because: ${cause}\n`;
  return printableText(`lstmd: ${error.message}\n${because}`);
}
