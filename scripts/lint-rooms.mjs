/**
 * Holds every file to the table of rooms (rooms.mjs): the arrows between the rooms of src/, bench/ and
 * native/, the one folder that imports each third-party package, and no circle of files, not even
 * one of types alone; and the table to the files: no row or arrow that nobody uses. Part of `npm run lint`.
 * With a folder behind it, of the checkout in that folder.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const { benchPackages, benchRooms, nativeRooms, packages, rooms } = await import(
  join(root, 'scripts/rooms.mjs')
);

/** Imports and exports; `import('...')`, of types too; and what is required, by the few files that may (.oxlintrc.json). */
const importPattern =
  /^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*'([^']+)'|(?:\bimport|\bcreateRequire\([^()]*\))\((?:\s|\/\*.*?\*\/|\/\/.*\n)*'([^']+)'/gm;
const includePattern = /^#(?:include|define LSTMD_VECTOR_HEADER) "([^"]+)"/gm;

function filesBelow(folder, pattern) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(join(root, folder), join(entry.parentPath, entry.name)))
    .sort();
}

/** The arrows of each table that some import uses, as `room -> room`, and the rooms that have a file. */
const used = new Map();

/** The kinds of fault that were found, for the way out that is told at the end. */
const kinds = new Set();

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
    return `${place}: the folder ${from} is no room: give it a row in scripts/rooms.mjs, and one in docs/architecture.md`;
  }
  used.get(table).add(`${from} -> ${to}`);
  if (from === to || allowed.split(' ').includes(to)) {
    return null;
  }
  kinds.add('arrow');
  return `${place}: ${from} may not import ${to} (${target}); by scripts/rooms.mjs it may: ${allowed || 'nothing'}`;
}

function packageFault(table, path, line, file, name) {
  const depth = name.startsWith('@') ? 2 : 1;
  const packageName = name.split('/').slice(0, depth).join('/');
  const folder = table[packageName];
  if (folder !== undefined && `${dirname(file)}/`.startsWith(`${folder}/`)) {
    return null;
  }
  return folder === undefined
    ? `${path}:${line}: ${packageName} is a package of no room: name the one room that imports it at the end of scripts/rooms.mjs`
    : `${path}:${line}: ${packageName} is imported in ${folder}/ alone (scripts/rooms.mjs): have a file there do what is needed, and import that`;
}

/**
 * Lints the TypeScript files below a folder of the checkout.
 *
 * @param prefix what the names of the folder's rooms begin with: nothing, or the folder and `/`
 */
function lintSource(faults, { folder, prefix, table, packageTable }) {
  const graph = new Map();
  used.set(table, new Set());
  for (const name of filesBelow(folder, /\.ts$/)) {
    const file = `${prefix}${name}`;
    const path = `${folder}/${name}`;
    const targets = new Map();
    used.get(table).add(dirname(file));
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
      if (!targets.has(target)) {
        targets.set(target, line);
      }
      faults.push(arrowFault(table, path, line, file, target));
    }
  }
  for (const circle of circlesIn(graph)) {
    kinds.add('circle');
    const steps = circle
      .slice(1)
      .map((to, index) => [circle[index], to])
      .map(
        ([from, to]) =>
          `  ${folder}/${from.slice(prefix.length)}:${graph.get(from).get(to)} imports ${to}`,
      );
    faults.push(`a circle of imports:\n${steps.join('\n')}`);
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
    for (const target of graph.get(file)?.keys() ?? []) {
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
  used.set(nativeRooms, new Set());
  for (const file of filesBelow('native', /\.(h|cpp)$/)) {
    used.get(nativeRooms).add(dirname(file));
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

/** Adds what a table has that no file uses: a row without files, an arrow without imports. */
function lintTable(faults, table) {
  for (const [room, allowed] of Object.entries(table)) {
    if (!used.get(table).has(room)) {
      faults.push(`scripts/rooms.mjs: ${room} has no files: take its row out`);
      continue;
    }
    for (const to of allowed.split(' ')) {
      if (to !== '' && !used.get(table).has(`${room} -> ${to}`)) {
        faults.push(`scripts/rooms.mjs: nothing in ${room} imports ${to}: take it out of that row`);
      }
    }
  }
}

const waysOut = {
  arrow:
    'lint: a room imports only what scripts/rooms.mjs allows it, and docs/architecture.md says why. Move the type or the function ' +
    'that both rooms need to the lower one, or have the caller pass it in; where the arrow is right, add it to the table.',
  circle:
    'lint: a circle ends where the type or the function that two of its files need gets a file of its own, ' +
    'in the lower room where there are two, or where the caller passes it in.',
};

const found = [];
lintSource(found, { folder: 'src', prefix: '', table: rooms, packageTable: packages });
lintSource(found, {
  folder: 'bench',
  prefix: 'bench/',
  table: benchRooms,
  packageTable: benchPackages,
});
lintNative(found);
for (const table of [rooms, benchRooms, nativeRooms]) {
  lintTable(found, table);
}
const faults = found.filter((fault) => fault !== null);
for (const line of [...faults, ...[...kinds].map((kind) => waysOut[kind])]) {
  process.stderr.write(`${line}\n`);
}
process.exit(faults.length > 0 ? 1 : 0);
