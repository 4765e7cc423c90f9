import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { compiledCodeFolder } from '../base/compile-cache.js';
import { packageVersion } from '../base/version.js';
import type { runProgram } from '../program.js';
import { KeptCode, type CodeName } from './kept-code.js';

/**
 * `bundle/cli.cjs`, which starts the program as it is shipped. All of the command line is one script beside it, so that a start
 * reads one file, and what V8 compiles of that is kept for the next start. It is CommonJS, which Node runs sooner than a module.
 */

/** The value of the program's script: it gets what a CommonJS module has, and the `import` that a script has not. */
type ProgramScript = (
  load: NodeJS.Require,
  importModule: (specifier: string) => Promise<unknown>,
  filename: string,
) => { readonly runProgram: typeof runProgram };

/** After so long a daemon that has started has stepped and published too, and that code is kept with the rest. */
const settledMs = 2000;
/**
 * By how much V8's space for new objects grows at a time. A daemon's is held as it is: what is made for a message is garbage soon, so
 * that a larger one, of up to 32 MiB, only takes memory. That begins after the program's script, which fills it with what stays and
 * takes longer in one that cannot grow.
 */
const heldGrowth = 1;
const usualGrowth = 2;
/** Node's own exit code for an `await` that nothing can end any more. */
const unsettledExitCode = 13;

const [, , command = '', ...others] = process.argv;
if ((command === '--version' || command === '-V') && others.length === 0) {
  process.stdout.write(`${packageVersion()}\n`);
} else {
  launch();
}

function launch(): void {
  const filename = join(__dirname, 'program.cjs');
  const source = readFileSync(filename, 'latin1');
  const name = codeNameOf(filename, source);
  const folder = compiledCodeFolder(process.env);
  const kept = name === undefined || folder === undefined ? undefined : new KeptCode(folder, name);
  const cachedData = kept?.read() ?? (name && readShipped(filename, name));
  const script = new Script(source, { filename, ...(cachedData && { cachedData }) });
  const isCurrent = cachedData !== undefined && script.cachedDataRejected !== true;
  const keep =
    kept === undefined || isCurrent
      ? undefined
      : () => kept.write(() => withUsualFlags(() => script.createCachedData()));
  const run = script.runInThisContext() as ProgramScript;
  const program = run(require, (specifier) => import(specifier), filename);
  process.once('beforeExit', exitAsUnsettled);
  if (command === 'run') {
    setNewSpaceGrowth(heldGrowth);
  } else if (keep !== undefined) {
    keepAtEnd(keep);
  }
  const started = keep && (() => settleLater(keep));
  void program.runProgram(started).then(() => process.off('beforeExit', exitAsUnsettled));
}

function setNewSpaceGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

/** V8 takes code only under the flags that it was written under, which are those of a start. */
function withUsualFlags(compile: () => Buffer): Buffer {
  setNewSpaceGrowth(usualGrowth);
  try {
    return compile();
  } finally {
    setNewSpaceGrowth(heldGrowth);
  }
}

function exitAsUnsettled(): void {
  process.exit(unsettledExitCode);
}

/** Names the code of the command that is given. A word that is none ends in an error, with nothing kept. */
function codeNameOf(program: string, source: string): CodeName | undefined {
  // The script ends in a comment with the digest of its text, for V8 tells code of another text by its length alone.
  const build = source.slice(source.lastIndexOf('//') + 2).trim();
  return /^[a-z]+$/.test(command) ? { program, build, command } : undefined;
}

/** Reads the code that an installation has put beside the program (deploy/debian/postinst): who wrote the one may write the other. */
function readShipped(program: string, name: CodeName): Buffer | undefined {
  return new KeptCode(join(__dirname, 'code'), name, statSync(program).uid).read();
}

/** Keeps what is compiled when the process ends well. */
function keepAtEnd(keep: () => void): { readonly cancel: () => void } {
  const atExit = (exitCode: number): void => {
    if (exitCode === 0) {
      keep();
    }
  };
  process.once('exit', atExit);
  return { cancel: () => process.off('exit', atExit) };
}

/** Keeps what a daemon has compiled, a while after its start, for code that has not run for long is thrown away. */
function settleLater(keep: () => void): void {
  const end = keepAtEnd(keep);
  setTimeout(() => {
    end.cancel();
    keep();
  }, settledMs).unref();
}
