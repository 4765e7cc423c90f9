import { forStderr, Priority } from '../base/journal.js';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** With these options `run` is no daemon. */
const answering: ReadonlySet<string> = new Set(['--check', '--schema']);

/**
 * Has a signal end the daemon in exit 0 while its program is still being loaded, which takes most of a second on a busy
 * machine: there is nothing to save yet. This file is read before nearly all others, so it imports next to nothing. Before Node
 * runs it, a signal ends the process as it ends any other, which systemd counts as a clean end too.
 *
 * @param args those of the command line: other commands, and `--check` and `--schema`, which would not have their answer, are left alone
 */
export function endAtEarlySignals([command, ...options]: readonly string[]): void {
  if (command === 'run' && !options.some((option) => answering.has(option))) {
    for (const signal of signals) {
      process.on(signal, end);
    }
  }
}

/** Leaves signals to other listeners, which are there already. */
export function hearEarlySignals(): void {
  for (const signal of signals) {
    process.removeListener(signal, end);
  }
}

function end(signal: NodeJS.Signals): void {
  const msg = 'stopped while the program was loaded';
  const line = process.stderr.isTTY
    ? msg
    : JSON.stringify({ level: 'info', signal, saved: {}, msg });
  process.stderr.write(forStderr(`${line}\n`, Priority.info));
  process.exit(0);
}
