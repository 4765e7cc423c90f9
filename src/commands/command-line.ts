import { Command, CommanderError } from 'commander';
import { errorCode, ExitCode, furtherCause, LstmdError, messageOf } from '../base/errors.js';
import { forStderr, Priority } from '../base/journal.js';
import { printableText } from '../base/printable-text.js';
import { packageVersion } from '../base/version.js';

/** The commands in the order of the help. Each is loaded when it is named, and all for the help. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['run', async () => (await import('./run/command.js')).runCommand()],
  ['demo', async () => (await import('./demo/command.js')).demoCommand()],
  ['predict', async () => (await import('./predict/command.js')).predictCommand()],
  ['inspect', async () => (await import('./inspect/command.js')).inspectCommand()],
  ['verify', async () => (await import('./verify/command.js')).verifyCommand()],
  ['evaluate', async () => (await import('./evaluate/command.js')).evaluateCommand()],
  ['record', async () => (await import('./record/command.js')).recordCommand()],
  ['replay', async () => (await import('./replay/command.js')).replayCommand()],
  ['monitor', async () => (await import('./monitor/command.js')).monitorCommand()],
  ['describe', async () => (await import('./describe/command.js')).describeCommand()],
  ['simulate', async () => (await import('./simulate/command.js')).simulateCommand()],
  ['ports', async () => (await import('./ports/command.js')).portsCommand()],
  ['detect', async () => (await import('./detect/command.js')).detectCommand()],
  ['init', async () => (await import('./init/command.js')).initCommand()],
  ['state', async () => (await import('./state/command.js')).stateCommand()],
  ['doctor', async () => (await import('./doctor/command.js')).doctorCommand()],
  ['bench', async () => (await import('./bench/command.js')).benchCommand()],
]);

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
    .addHelpText('after', '\nBegin with "lstmd demo", then "lstmd init --model MODEL".');
  for (const command of await commandsFor(args[0])) {
    program.addCommand(command);
  }
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

/** The command of that name alone, for it needs no others; all where the first word names none. */
async function commandsFor(word: string | undefined): Promise<Command[]> {
  const named = commands.get(word ?? '');
  return Promise.all((named ? [named] : [...commands.values()]).map((load) => load()));
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
