/**
 * Puts test files that need no process of their own together: a start of Node and the modules that most of them load take more
 * CPU time than many of these tests. The files of a group run one after another, in a process that imports them all.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'build/test-groups');
const isLong = process.env.LSTMD_LONG === '1';
/** So few that no group is among the longest files. */
const mostFiles = 12;
/** A file of these rooms is longer than any start. */
const longRooms = new Set(['golden', 'fuzz', 'e2e', 'faults', 'stream']);
/** Of a test file, what another test of its process could notice or disturb: its environment, streams, signals and memory. */
const usesProcess = /\bprocess\./;
/** The same of what a test file imports of the tests' own: children, threads, sockets and a look at the process itself. */
const needsProcess =
  /\/proc\/self|'node:(?:child_process|cluster|dgram|http|https|inspector|net|process|tls|v8|vm|worker_threads)'/;

/**
 * Groups test files by their rooms.
 *
 * @param paths of their sources, relative to the checkout
 * @returns for each process its file of JavaScript, and the sources that run in it
 */
export function groupTestFiles(paths) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const processes = [];
  const open = new Map();
  let groups = 0;
  for (const path of paths) {
    const room = path.split('/')[1];
    if (isLong || longRooms.has(room) || usesProcess.test(textOf(path)) || isAlone(path)) {
      processes.push({ file: compiled(path), sources: [path] });
      continue;
    }
    let group = open.get(room);
    if (group === undefined || group.sources.length === mostFiles) {
      groups += 1;
      group = { file: join(folder, `${room}-${groups}.js`), sources: [] };
      open.set(room, group);
      processes.push(group);
    }
    group.sources.push(path);
  }
  for (const group of processes) {
    if (group.sources.length === 1) {
      group.file = compiled(group.sources[0]);
    } else {
      writeFileSync(group.file, group.sources.map(importOf).join(''));
    }
  }
  return processes;
}

const compiled = (path) => join(root, 'build', path.replace(/\.ts$/, '.js'));

const importOf = (path) => `import '${relative(folder, compiled(path))}';\n`;

const textOf = (path) => readFileSync(join(root, path), 'utf8');

/** Whether a test file, or what it imports of the tests' own, must not share a process. */
function isAlone(path, seen = new Set()) {
  if (seen.has(path) || !existsSync(join(root, path))) {
    return false;
  }
  seen.add(path);
  const text = textOf(path);
  return (
    needsProcess.test(text) ||
    [...text.matchAll(/(?:from|import) '(\.[^']*)\.js'/g)].some(([, to]) =>
      isAlone(join(dirname(path), `${to}.ts`), seen),
    )
  );
}
