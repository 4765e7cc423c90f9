import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFile } from './project.js';
import { needsProgram } from './requirement.js';

/** `skip` option of a test that gives a process other clocks. */
export function needsCompiler(): string | false {
  return needsProgram('cc', 'gcc');
}

/** The clocks of processes that are started with `env`: those of the machine, set off as a test asks for. */
export class SetClock {
  readonly env: Record<string, string>;
  readonly #file: string;
  readonly #bootIdFile: string;
  #wallMs = 0;
  #bootMs = 0;
  #isSynchronized = false;
  #boots = 0;

  /** @param folder for its files; it goes with the test */
  constructor(folder: string) {
    const library = join(folder, 'set-clock.so');
    this.#file = join(folder, 'clock');
    this.#bootIdFile = join(folder, 'boot_id');
    const source = projectFile('test/support/set-clock.c');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
    this.env = { LD_PRELOAD: library, LSTMD_TEST_CLOCK: this.#file };
    this.boot(Date.now(), true);
  }

  /** A boot of the machine, which shows this wall time now; a time server has set it or not. */
  boot(wallMs: number, isSynchronized: boolean): void {
    this.#boots += 1;
    this.#bootMs += 1000;
    const id = `00000000-0000-4000-8000-${String(this.#boots).padStart(12, '0')}`;
    writeFileSync(this.#bootIdFile, `${id}\n`);
    this.#isSynchronized = isSynchronized;
    this.set(wallMs);
  }

  /** Somebody sets the wall clock. */
  set(wallMs: number): void {
    this.#wallMs = Math.round(wallMs - Date.now());
    const bytes = Buffer.alloc(256);
    bytes.writeBigInt64LE(BigInt(this.#wallMs), 0);
    bytes.writeBigInt64LE(BigInt(this.#bootMs), 8);
    bytes.writeBigInt64LE(this.#isSynchronized ? 1n : 0n, 16);
    bytes.write(this.#bootIdFile, 24);
    // In place: the processes have it mapped.
    writeFileSync(this.#file, bytes, { flag: existsSync(this.#file) ? 'r+' : 'w' });
  }

  /** A time server sets the wall clock. */
  synchronize(wallMs: number): void {
    this.#isSynchronized = true;
    this.set(wallMs);
  }

  /** Returns what the wall clock of these processes shows. */
  now(): number {
    return Date.now() + this.#wallMs;
  }
}
