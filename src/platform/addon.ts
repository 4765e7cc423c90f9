import { createRequire } from 'node:module';
import { LstmdError } from '../base/errors.js';
import { packageFile } from '../base/package-root.js';

/** A compiled step program: `native/kernel` behind Node-API. */
export interface NativeProgram {
  readonly target: string;
  readonly stateSize: number;
  /** See `Engine.step`; throws TypeError or RangeError where an array does not fit. */
  step(
    state: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void;
  /** See `Engine.stepMany`; throws as `step` does. */
  stepMany(
    states: Float32Array,
    input: Float32Array,
    count: number,
    output: Float32Array,
    flags: Uint8Array,
  ): void;
  /**
   * Remembers the arrays for `stepBound`, in place of those bound before; false where that cannot
   * be, because they lie over each other. Throws TypeError as `step` does.
   */
  bind(
    state: Float32Array,
    input: Float32Array,
    output: Float32Array,
    flags: Uint8Array,
  ): false | undefined;
  /**
   * `step` on the arrays bound, with nothing left out that could have changed of them; false, with
   * nothing stepped, where `step` would throw or a buffer has been detached or resized.
   */
  stepBound(count: number): false | undefined;
}

/** What the C++ addon exports. */
export interface Addon {
  /** SIMD targets that this binary has and this CPU can run, best first. */
  simdTargets(): string[];
  /** Compiles a program; `words` and `weights` as `engine/encoding.ts` writes them. */
  Program: new (words: Int32Array, weights: Float32Array, target: string) => NativeProgram;
  /** Opens a pseudo-terminal in raw mode: the master's descriptor, non-blocking, and the slave's path. */
  openPty(): { fd: number; path: string };
  /** Whether the far end of a tty is gone: POLLHUP, POLLERR or POLLNVAL. */
  hungUp(fd: number): boolean;
  /** Sends a datagram to a systemd notify socket, abstract (`@name`) or a path; false when it failed. */
  notify(socket: string, message: string): boolean;
}

const binary = packageFile('build/native/Release/lstmd.node');
let loaded: Addon | undefined;

/**
 * The addon, loaded at the first call.
 *
 * @throws LstmdError `engine.unavailable` when there is no binary for this machine
 */
export function loadAddon(): Addon {
  if (loaded !== undefined) {
    return loaded;
  }
  try {
    loaded = createRequire(import.meta.url)(binary) as Addon;
    return loaded;
  } catch (cause) {
    throw new LstmdError(
      'engine.unavailable',
      `the native addon does not load (${binary}): build it with "npm rebuild", which needs cmake and a C++20 compiler`,
      { cause },
    );
  }
}
