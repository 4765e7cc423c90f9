import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const digestBytes = 32;
const writableByOthers = 0o022;

/** Says which code is meant; code of another Node or another build would not run. */
export interface CodeName {
  /** Path of the program's script. */
  readonly program: string;
  /** Digest of its text. */
  readonly build: string;
  /** The command that runs: each needs other parts of the program. */
  readonly command: string;
}

/** The code that V8 has compiled of a script, in a file. */
export class KeptCode {
  readonly #folder: string;
  readonly #file: string;
  /** The names of all files of this program begin with the first, and those of this build with the second. */
  readonly #ofProgram: string;
  readonly #ofBuild: string;
  readonly #owner: number | undefined;

  /** @param owner the user whose code is run */
  constructor(
    folder: string,
    { program, build, command }: CodeName,
    owner: number | undefined = process.getuid?.(),
  ) {
    this.#folder = folder;
    this.#owner = owner;
    this.#ofProgram = `${digestOf(program).toString('hex').slice(0, 16)}-`;
    this.#ofBuild = `${this.#ofProgram}${build}-`;
    this.#file = join(folder, `${this.#ofBuild}${command}-${process.version}-${process.arch}.code`);
  }

  /**
   * Reads the code. V8 runs what it is given without a look at it, so that bytes which were damaged, or which another user
   * may have written, are not taken.
   *
   * @returns undefined where there is none that may be run
   */
  read(): Buffer | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(this.#file, 'r');
    } catch {
      return undefined;
    }
    try {
      const { uid, mode } = fstatSync(descriptor);
      if (uid !== this.#owner || (mode & writableByOthers) !== 0) {
        return undefined;
      }
      const bytes = readFileSync(descriptor);
      const code = bytes.subarray(digestBytes);
      return digestOf(code).equals(bytes.subarray(0, digestBytes)) ? code : undefined;
    } catch {
      return undefined;
    } finally {
      closeSync(descriptor);
    }
  }

  /**
   * Writes the code with its digest before it, and removes what older builds of this program have left. Where the folder
   * cannot be written, the next start compiles again: that is slower and no fault.
   *
   * @param compiled gives the code; it is not called where nothing can be written
   */
  write(compiled: () => Buffer): void {
    // Of two processes that write it at once one may damage the work of the other, which the digest tells.
    const unfinished = `${this.#file}.new`;
    try {
      makeFolder(dirname(this.#folder));
      makeFolder(this.#folder);
      writeFileSync(unfinished, '', { mode: 0o600 });
      const code = compiled();
      writeFileSync(unfinished, Buffer.concat([digestOf(code), code]));
      renameSync(unfinished, this.#file);
      for (const name of readdirSync(this.#folder)) {
        if (name.startsWith(this.#ofProgram) && !name.startsWith(this.#ofBuild)) {
          rmSync(join(this.#folder, name), { force: true });
        }
      }
    } catch {
      removeQuietly(unfinished);
    }
  }
}

/** Node's own making of all parents never ends in a file system that makes no folders, such as /proc. */
function makeFolder(path: string): void {
  if (!existsSync(path)) {
    mkdirSync(path, { mode: 0o700 });
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // In a folder that became unwritable nothing can be cleaned.
  }
}

function digestOf(content: string | Buffer): Buffer {
  return createHash('sha256').update(content).digest();
}
