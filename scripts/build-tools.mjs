/**
 * The programs that building needs beside Node, and which of them are missing. Plain Node, because it
 * runs before anything is installed.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Returns whether a program is on the PATH. */
export function isInstalled(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** One line that names the missing programs and the command that installs them; null when there are none. */
export function missingToolsMessage() {
  const missing = [
    ['a C++ compiler', ['g++', 'clang++']],
    ['make', ['make', 'ninja']],
    ['cmake', ['cmake']],
  ]
    .filter(([, programs]) => !programs.some(isInstalled))
    .map(([name]) => name);
  if (missing.length === 0) {
    return null;
  }
  return `${missing.join(', ')} not found; run: sudo apt-get install -y g++ make cmake`;
}

/** The same for the programs with which a machine of another kind runs the tests for AArch64. */
export function missingArmToolsMessage() {
  const missing = ['aarch64-linux-gnu-g++', 'qemu-aarch64'].filter((name) => !isInstalled(name));
  if (missing.length === 0) {
    return null;
  }
  return `${missing.join(', ')} not found; run: sudo apt-get install -y g++-aarch64-linux-gnu qemu-user`;
}
