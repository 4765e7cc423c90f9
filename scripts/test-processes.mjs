/**
 * Finds what the tests have started and not ended. A file that was cut off at its deadline leaves its
 * daemons and brokers behind; they would hold the run's output open, and nobody would ever see its end.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** A variable of the environment that everything started from here on inherits. */
const mark = 'TESTS_OF_PROCESS';

/** Marks what this process starts from now on. */
export function markProcesses() {
  process.env[mark] = String(process.pid);
}

/**
 * Kills what a process that called `markProcesses` has started, directly or through others.
 *
 * @returns what was still running, each with its command
 */
export function endProcessesOf(pid) {
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => each > 0 && each !== pid && environmentOf(each).includes(`${mark}=${pid}`))
    .map((each) => {
      const command = textOf(each, 'cmdline').split('\0').join(' ').trim();
      try {
        process.kill(each, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
      return { pid: each, command };
    });
}

const environmentOf = (pid) => textOf(pid, 'environ').split('\0');

/** A file of a process; empty where it has ended, also for one that nobody has waited for yet. */
function textOf(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}
