/**
 * Holds every file to the table of rooms (rooms.mjs): the arrows between the rooms of src/ and of
 * native/, the one folder that imports each third-party package, and no circle of files, not even
 * one of types alone. Part of `npm run lint`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeRooms, packages, rooms } from './rooms.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const importPattern = /^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*'([^']+)'|\bimport\('([^']+)'\)/gm;
const includePattern = /^#(?:include|define LSTMD_VECTOR_HEADER) "([^"]+)"/gm;

function filesBelow(folder, pattern) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(join(root, folder), join(entry.parentPath, entry.name)))
    .sort();
}

/** What a file names, and on which line. */
function namesIn(path, pattern) {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(pattern)].map((match) => {
    const name = match[1] ?? match[2];
    const at = match.index + match[0].lastIndexOf(name);
    return { name, line: text.slice(0, at).split('\n').length };
  });
}

/** @returns one sentence for each violation, with its file and line */
function arrowFault(table, folder, file, line, target) {
  const from = dirname(file);
  const to = dirname(target);
  const allowed = table[from];
  const place = `${folder}/${file}:${line}`;
  if (allowed === undefined) return `${place}: the folder ${from} is no room of scripts/rooms.mjs`;
  if (from === to || allowed.split(' ').includes(to)) return null;
  return `${place}: ${from} may not import ${to} (${target}); it may: ${allowed || 'nothing'}`;
}

function lintSource(faults) {
  const graph = new Map();
  for (const file of filesBelow('src', /\.ts$/)) {
    const targets = new Set();
    graph.set(file, targets);
    for (const { name, line } of namesIn(join(root, 'src', file), importPattern)) {
      if (name.startsWith('node:')) continue;
      if (name.startsWith('.')) {
        const target = normalize(join(dirname(file), name)).replace(/\.js$/, '.ts');
        targets.add(target);
        const fault = arrowFault(rooms, 'src', file, line, target);
        if (fault !== null) faults.push(fault);
        continue;
      }
      const packageName = name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/');
      if (!(packages[packageName] ?? []).includes(dirname(file)))
        faults.push(
          `src/${file}:${line}: ${packageName} is imported in ${packages[packageName]?.[0] ?? 'no room'} alone`,
        );
    }
  }
  for (const circle of circlesIn(graph)) faults.push(`circle of imports: ${circle.join(' -> ')}`);
}

/** Circles of files, each once, found by a depth-first walk. */
function circlesIn(graph) {
  const done = new Set();
  const circles = [];
  const walk = (file, path) => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) walk(target, path);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return circles;
}

function lintNative(faults) {
  const folders = ['kernel', '.'];
  for (const file of filesBelow('native', /\.(h|cpp)$/))
    for (const { name, line } of namesIn(join(root, 'native', file), includePattern)) {
      const target = [dirname(file), ...folders]
        .map((folder) => normalize(join(folder, name)))
        .find((path) => existsSync(join(root, 'native', path)));
      const fault =
        target === undefined
          ? `native/${file}:${line}: there is no ${name}`
          : arrowFault(nativeRooms, 'native', file, line, target);
      if (fault !== null) faults.push(fault);
    }
}

const faults = [];
lintSource(faults);
lintNative(faults);
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exit(faults.length > 0 ? 1 : 0);
