/**
 * Puts test files that need no process of their own together: a start of Node and the modules that most of them load take more
 * CPU time than many of these tests. The files of a group run one after another, in a process that imports them all.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'build/test-groups');
const isLong = process.env.LSTMD_LONG === '1';
/** A group has at most so many files that none is among the longest. */
const mostFiles = 12;
/** A file of these rooms is longer than any start. */
const longRooms = new Set(['golden', 'fuzz', 'e2e', 'faults', 'stream']);
/** Finds in a test file what another test of its process could notice or disturb: its environment, streams, signals and memory. */
const usesProcess = /\bprocess\./;
/** Finds the same in what a test file imports of the tests' own: children, threads, sockets and a look at the process itself. */
const needsProcess =
  /\/proc\/self|'node:(?:child_process|cluster|dgram|http|https|inspector|net|process|tls|v8|vm|worker_threads)'/;

/**
 * Groups test files by their rooms.
 *
 * @param paths of their sources, relative to the checkout
 * @returns for each process its file of JavaScript, and the sources that run in it
 */
export function groupTestFiles(paths) {
  const processes = [];
  const open = new Map();
  for (const path of paths) {
    const room = path.split('/')[1];
    if (isLong || longRooms.has(room) || usesProcess.test(textOf(path)) || isAlone(path)) {
      processes.push({ room, sources: [path] });
      continue;
    }
    let group = open.get(room);
    if (group === undefined || group.sources.length === mostFiles) {
      group = { room, sources: [] };
      open.set(room, group);
      processes.push(group);
    }
    group.sources.push(path);
  }
  return processes.map(({ room, sources }) => ({ file: fileOf(room, sources), sources }));
}

/** Writes the file that runs the tests of some sources. Its name is of what is in it, so that a run beside this one has its own. */
function fileOf(room, sources) {
  const [first] = sources;
  if (sources.length === 1) {
    return compiled(first);
  }
  const text = sources.map(importOf).join('');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const file = join(folder, `${room}-${digest}.js`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  return file;
}

const compiled = (path) => join(root, 'build', path.replace(/\.ts$/, '.js'));

const importOf = (path) => `import '${relative(folder, compiled(path))}';\n`;

const textOf = (path) => readFileSync(join(root, path), 'utf8');

/** Returns whether a test file, or what it imports of the tests' own, must not share a process. */
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
