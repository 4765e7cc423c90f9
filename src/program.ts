import { onStarted } from './base/start-notice.js';
import { startShortage } from './platform/descriptor-limit.js';

/**
 * Runs the command line of this process, and sets its exit code or ends it.
 *
 * @param started called when a daemon has started; default: nobody is told
 */
export async function runProgram(started?: () => void): Promise<void> {
  // All else is imported one file after another until it is known that there are descriptors for many at once.
  const shortage = startShortage();
  if (shortage === undefined) {
    const { endAtEarlySignals } = await import('./platform/early-signals.js');
    endAtEarlySignals(process.argv.slice(2));
  }
  const { ExitCode } = await import('./base/errors.js');
  if (shortage !== undefined) {
    const { forStderr, Priority } = await import('./base/journal.js');
    process.stderr.write(forStderr(`lstmd: ${shortage}\n`, Priority.error));
    process.exit(ExitCode.os);
  }

  if (started !== undefined) {
    onStarted(started);
  }
  const { runCommandLine } = await import('./commands/command-line.js');
  process.exitCode = await runCommandLine(process.argv.slice(2));
  if (process.exitCode !== ExitCode.ok) {
    // Whatever a command that failed has left running must not keep the process alive. The exit itself waits
    // for system calls under way, and a signal ends that wait.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
      process.removeAllListeners(signal);
    }
    await writtenOut();
    process.exit();
  } else if (process.listenerCount('SIGTERM') > 0) {
    // The command has ended as its signal asked. While Node takes itself down without this exit, one more
    // signal would find no listener and make a kill of the end.
    await writtenOut();
    process.exit();
  }
}

/** Resolves when a pipe has taken all that was written: an exit cuts off what its reader has not made room for yet. */
async function writtenOut(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) {
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
    }
  }
}
