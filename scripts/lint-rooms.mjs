/**
 * Holds every file to the table of rooms (rooms.mjs): the arrows between the rooms of src/, bench/ and
 * native/, the one folder that imports each third-party package, and no circle of files, not even
 * one of types alone. Part of `npm run lint`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchPackages, benchRooms, nativeRooms, packages, rooms } from './rooms.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const importPattern = /^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*'([^']+)'|\bimport\('([^']+)'\)/gm;
const includePattern = /^#(?:include|define LSTMD_VECTOR_HEADER) "([^"]+)"/gm;

function filesBelow(folder, pattern) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(join(root, folder), join(entry.parentPath, entry.name)))
    .sort();
}

/** The names that a file imports or includes, each with its line. */
function namesIn(path, pattern) {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(pattern)].map((match) => {
    const name = match[1] ?? match[2];
    const at = match.index + match[0].lastIndexOf(name);
    return { name, line: text.slice(0, at).split('\n').length };
  });
}

/**
 * @param file the file that imports `target`; its folder is its room, and so is that of `target`
 * @param path where the file is, for the message
 * @returns one sentence for a violation, with its file and line; null where there is none
 */
function arrowFault(table, path, line, file, target) {
  const from = dirname(file);
  const to = dirname(target);
  const allowed = table[from];
  const place = `${path}:${line}`;
  if (allowed === undefined) {
    return `${place}: the folder ${from} is no room of scripts/rooms.mjs`;
  }
  if (from === to || allowed.split(' ').includes(to)) {
    return null;
  }
  return `${place}: ${from} may not import ${to} (${target}); it may: ${allowed || 'nothing'}`;
}

function packageFault(table, path, line, file, name) {
  const depth = name.startsWith('@') ? 2 : 1;
  const packageName = name.split('/').slice(0, depth).join('/');
  const folder = table[packageName];
  if (folder !== undefined && `${dirname(file)}/`.startsWith(`${folder}/`)) {
    return null;
  }
  return folder === undefined
    ? `${path}:${line}: ${packageName} is a package of no room in scripts/rooms.mjs`
    : `${path}:${line}: ${packageName} is imported in ${folder} alone`;
}

/**
 * Lints the TypeScript files below a folder of the checkout.
 *
 * @param prefix what the names of the folder's rooms begin with: nothing, or the folder and `/`
 */
function lintSource(faults, { folder, prefix, table, packageTable }) {
  const graph = new Map();
  for (const name of filesBelow(folder, /\.ts$/)) {
    const file = `${prefix}${name}`;
    const path = `${folder}/${name}`;
    const targets = new Set();
    graph.set(file, targets);
    for (const { name: imported, line } of namesIn(join(root, path), importPattern)) {
      if (imported.startsWith('node:')) {
        continue;
      }
      const isOwn = imported.startsWith('.') || imported.startsWith('#src/');
      if (!isOwn) {
        faults.push(packageFault(packageTable, path, line, file, imported));
        continue;
      }
      const target = (
        imported.startsWith('#src/')
          ? imported.slice('#src/'.length)
          : normalize(join(dirname(file), imported))
      ).replace(/\.js$/, '.ts');
      targets.add(target);
      faults.push(arrowFault(table, path, line, file, target));
    }
  }
  for (const circle of circlesIn(graph)) {
    faults.push(`circle of imports: ${circle.join(' -> ')}`);
  }
}

/** Circles of files, each once, found by a depth-first walk. */
function circlesIn(graph) {
  const done = new Set();
  const circles = [];
  const walk = (file, path) => {
    const start = path.indexOf(file);
    if (start >= 0) {
      circles.push([...path.slice(start), file]);
    }
    if (start >= 0 || done.has(file)) {
      return;
    }
    path.push(file);
    for (const target of graph.get(file) ?? []) {
      walk(target, path);
    }
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) {
    walk(file, []);
  }
  return circles;
}

function lintNative(faults) {
  const folders = ['kernel', '.'];
  for (const file of filesBelow('native', /\.(h|cpp)$/)) {
    for (const { name, line } of namesIn(join(root, 'native', file), includePattern)) {
      const target = [dirname(file), ...folders]
        .map((folder) => normalize(join(folder, name)))
        .find((path) => existsSync(join(root, 'native', path)));
      const fault =
        target === undefined
          ? `native/${file}:${line}: there is no ${name}`
          : arrowFault(nativeRooms, `native/${file}`, line, file, target);
      faults.push(fault);
    }
  }
}

const found = [];
lintSource(found, { folder: 'src', prefix: '', table: rooms, packageTable: packages });
lintSource(found, {
  folder: 'bench',
  prefix: 'bench/',
  table: benchRooms,
  packageTable: benchPackages,
});
lintNative(found);
const faults = found.filter((fault) => fault !== null);
for (const fault of faults) {
  process.stderr.write(`${fault}\n`);
}
process.exit(faults.length > 0 ? 1 : 0);
