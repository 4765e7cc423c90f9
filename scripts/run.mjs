import { spawnSync } from 'node:child_process';

/**
 * Runs a program to its end, and returns what it printed. Where it ends with another code than `expected`, that is shown, and this
 * process ends too.
 *
 * @param command the program with its arguments
 * @param options those of `spawnSync`, and the code that is expected; default 0
 */
export function run(command, { expected = 0, ...options } = {}) {
  const [program, ...args] = command;
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...options,
  });
  if (status !== expected) {
    const shown = [stdout, stderr, error].map((text) => text ?? '').join('');
    process.stderr.write(`${shown}\nlstmd: ${command.join(' ')} ended with ${status ?? signal}\n`);
    process.exit(1);
  }
  return { stdout, stderr };
}
