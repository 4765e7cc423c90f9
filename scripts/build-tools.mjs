/** What the addon's build needs beside Node. Plain Node: it runs before anything is installed. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a program is on the PATH. */
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

/** One line that names what is missing and the command that brings it; null when all is there. */
export function missingToolsMessage() {
  const missing = [
    ['a C++ compiler', ['g++', 'clang++']],
    ['make', ['make', 'ninja']],
    ['cmake', ['cmake']],
  ]
    .filter(([, programs]) => !programs.some(isInstalled))
    .map(([name]) => name);
  if (missing.length === 0) return null;
  return `${missing.join(', ')} not found; run: sudo apt-get install -y g++ make cmake`;
}

/** What brings the tests for AArch64 to a machine of another kind; null when it is there. */
export function missingArmToolsMessage() {
  const missing = ['aarch64-linux-gnu-g++', 'qemu-aarch64'].filter((name) => !isInstalled(name));
  if (missing.length === 0) return null;
  return `${missing.join(', ')} not found; run: sudo apt-get install -y g++-aarch64-linux-gnu qemu-user`;
}
