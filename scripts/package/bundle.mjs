/**
 * Makes what is shipped: `bundle/` has the command line, the library, the thread that reads HDF5 and the process that
 * tries TensorFlow.js, with every package that they use inside. A part of the library that a program does not use is a
 * file that it does not load. Beside it,
 * in `build/bundle/`, lie the source maps and `metafile.json`, which says what each file is made from.
 *
 *   node scripts/package/bundle.mjs
 *
 * A stack trace of the bundle is read with them: `node --enable-source-maps`, with the maps copied beside the files.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeThirdParty } from './third-party.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = join(root, 'bundle');
const beside = join(root, 'build/bundle');

/** The library, and what workers and processes are started by. */
const entryPoints = {
  index: 'src/index.ts',
  client: 'src/client/index.ts',
  'hdf5-worker': 'src/model/files/hdf5/hdf5-worker.ts',
  'tfjs-probe': 'src/engine/tfjs/tfjs-probe.ts',
  h5wasm: 'h5wasm',
};

/** Found beside the program where they are installed, and never needed. */
const external = ['pino-pretty', 'aedes', '@tensorflow/*'];

/** Packages of CommonJS ask for what they need by `require`, which a file of ES modules has not. */
const banner = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

const serialAddons = {
  x64: 'linux-x64/@serialport+bindings-cpp.glibc.node',
  arm64: 'linux-arm64/@serialport+bindings-cpp.armv8.glibc.node',
};

/** The addon of serialport is taken from beside the bundle. The name is no literal, which the bundler would follow. */
const serialAddon = {
  name: 'serial addon',
  setup(plugin) {
    plugin.onLoad({ filter: /[/]bindings-cpp[/]dist[/]serialport-bindings\.js$/ }, () => ({
      contents: `const name = './serialport-' + process.arch + '.node';
        exports.binding = require(name);`,
    }));
  },
};

/** The messages of zod in forty languages, of which the program has but one. */
const oneLocale = {
  name: 'one locale',
  setup(plugin) {
    plugin.onLoad({ filter: /[/]zod[/]v4[/]locales[/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

/**
 * commander and serialport load `child_process` with themselves, which takes 7 ms of a start, for programs that a daemon never
 * starts. They get its `spawn`, which loads it when it is called, and nothing else of it.
 */
const childProcess = {
  name: 'child_process at its first use',
  setup(plugin) {
    plugin.onResolve({ filter: /^(node:)?child_process$/ }, ({ importer }) =>
      /[/](commander[/]lib[/]command|bindings-cpp[/]dist[/]linux-list)\.js$/.test(importer)
        ? { path: 'child_process', namespace: 'first-use' }
        : undefined,
    );
    plugin.onLoad({ filter: /^/, namespace: 'first-use' }, () => ({
      contents: "exports.spawn = (...given) => require('node:child_process').spawn(...given);",
    }));
  },
};

/** Options of all that runs in Node. */
const inNode = {
  absWorkingDir: root,
  external,
  outdir: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  plugins: [serialAddon, oneLocale, childProcess],
  minifySyntax: true,
  minifyWhitespace: true,
  // They stand in THIRD-PARTY.md, each once.
  legalComments: 'none',
  sourcemap: 'external',
  metafile: true,
  logLevel: 'warning',
};

async function bundleLibrary() {
  const { metafile } = await build({
    ...inNode,
    entryPoints,
    splitting: true,
    format: 'esm',
    charset: 'utf8',
    chunkNames: '[name]-[hash]',
    banner: { js: banner },
  });
  return metafile;
}

/** A script has to ask the launcher for these, which imports them as a module does. */
const imported = { aedes: 'aedes', h5wasm: './h5wasm.js' };

/**
 * The command line as one script (src/launcher/launch.ts): a function expression, and a comment with the digest of its text. What is
 * imported by `await import(...)` is run when it is first asked for. The text is ASCII, of which V8 needs a byte a character.
 */
async function bundleCommandLine() {
  const { metafile, outputFiles } = await build({
    ...inNode,
    entryPoints: { program: 'src/program.ts' },
    external: [...external, 'h5wasm'],
    format: 'cjs',
    // A third less to read. Nothing in it may go by the name of a class or function: errors go by their codes.
    minifyIdentifiers: true,
    outExtension: { '.js': '.cjs' },
    charset: 'ascii',
    define: { 'import.meta.url': '__url' },
    banner: {
      js: `(function (require, __import, __filename) { const module = { exports: {} };
const __url = require('node:url').pathToFileURL(__filename).href;`,
    },
    footer: { js: 'return module.exports; })' },
    write: false,
  });
  const [map, script] = outputFiles;
  const text = script.text.replaceAll(/\bimport\("([^"]+)"\)/g, (_, name) =>
    name.startsWith('node:')
      ? `Promise.resolve(require("${name}"))`
      : `__import("${imported[name] ?? fail(`a script cannot import ${name}`)}")`,
  );
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  writeFileSync(script.path, `${text}//${digest}\n`);
  writeFileSync(map.path, map.contents);
  return metafile;
}

async function bundleLauncher() {
  const { metafile } = await build({
    ...inNode,
    entryPoints: { cli: 'src/launcher/launch.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__url' },
    banner: {
      js: `#!/usr/bin/env node
const __url = require('node:url').pathToFileURL(__filename).href;`,
    },
  });
  return metafile;
}

async function bundleProgram() {
  const parts = await Promise.all([bundleLibrary(), bundleCommandLine(), bundleLauncher()]);
  const outputs = Object.assign({}, ...parts.map((part) => part.outputs));
  for (const name of readdirSync(bundle).filter((file) => file.endsWith('.map'))) {
    renameSync(join(bundle, name), join(beside, name));
  }
  writeFileSync(join(beside, 'metafile.json'), JSON.stringify({ outputs }));
  return { outputs };
}

function fail(message) {
  throw new Error(message);
}

/** The page that the daemon serves (src/dashboard/): what it is made from is of this project, or of uPlot. */
async function bundlePage() {
  const source = join(root, 'src/dashboard/page');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { dashboard: join(source, 'main.ts'), style: join(source, 'dashboard.css') },
    outdir: join(bundle, 'dashboard'),
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  renameSync(join(bundle, 'dashboard/style.css'), join(bundle, 'dashboard/dashboard.css'));
  for (const name of ['index.html', 'icon.svg']) {
    cpSync(join(source, name), join(bundle, 'dashboard', name));
  }
  return metafile;
}

function copySerialAddons() {
  const prebuilt = join(root, 'node_modules/@serialport/bindings-cpp/prebuilds');
  for (const [arch, path] of Object.entries(serialAddons)) {
    cpSync(join(prebuilt, path), join(bundle, `serialport-${arch}.node`));
  }
}

/** Copies the declarations that those of the entries for programs lead to, and no others. */
function copyTypes() {
  const compiled = join(root, 'dist');
  const waiting = [join(compiled, 'index.d.ts'), join(compiled, 'client/index.d.ts')];
  const seen = new Set(waiting);
  for (const file of waiting) {
    const text = readFileSync(file, 'utf8');
    const copy = join(bundle, 'types', relative(compiled, file));
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, text);
    for (const [, path] of text.matchAll(/from '(\.[^']*)\.js'/g)) {
      const next = `${resolve(dirname(file), path)}.d.ts`;
      if (!seen.has(next)) {
        seen.add(next);
        waiting.push(next);
      }
    }
  }
}

for (const folder of [bundle, beside]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
const metafile = await bundleProgram();
const page = await bundlePage();
copySerialAddons();
copyTypes();
writeThirdParty({ outputs: { ...metafile.outputs, ...page.outputs } });
