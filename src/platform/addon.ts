import { createRequire } from 'node:module';
import { loadAddonFile } from './addon-file.js';

/** A compiled step program: `native/kernel` behind Node-API. */
export interface NativeProgram {
  readonly target: string;
  /** Floats of the state of one stream. */
  readonly stateSize: number;
  /**
   * Binds arrays of one stream, see `Engine.bind`: types, lengths and overlaps are looked at here, once.
   *
   * @throws TypeError for an array of another type; RangeError when the state is too short, or when
   *   arrays share memory
   */
  bind(arrays: NativeArrays): NativeStep;
  /** Binds arrays of many streams, see `Engine.bindMany`; throws as `bind` does. */
  bindMany(arrays: NativeArrays): NativeStep;
}

/** Named as in `StepArrays`. */
export interface NativeArrays {
  readonly state: Float32Array;
  readonly input: Float32Array;
  readonly output: Float32Array;
  readonly flags: Uint8Array;
}

/**
 * Steps `count` samples of the arrays that were bound. False, with nothing stepped, when the count
 * is not a whole number that the arrays have room for, or when a state begins with a header that no
 * step leaves.
 *
 * It does not ask whether the memory of the arrays is still there: never call it once one of them
 * has another length than it had (its buffer has been detached or resized).
 */
export type NativeStep = (count: number) => boolean;

/** Reads ttys on the event loop: all that have bytes in one turn of it, with one call back. */
export interface NativeTtyPoll {
  /**
   * Reads a tty into `bytes` whenever it has some, until `remove`; the memory of the array may not go before. It is read
   * by another descriptor of the same file, which is non-blocking.
   *
   * @param slot a number of the caller's that no other tty has, by which `onReady` tells of it
   * @throws Error with code, errno and syscall where the descriptor is none, or none that the system can wait for
   */
  add(slot: number, fd: number, bytes: Uint8Array): void;
  /** Reads it no further until `resume`; what was read already is still told of. */
  pause(slot: number): void;
  resume(slot: number): void;
  /** Reads it no more, and forgets what was read and not told of; nothing where no tty has the slot. */
  remove(slot: number): void;
}

/** The exports of the C++ addon, native/addon/addon.cpp. */
export interface Addon {
  /** SIMD targets that this binary has and this CPU can run, best first. */
  simdTargets(): string[];
  /**
   * Compiles a program; `words` and `weights` are what `engine/native/program-encoding.ts` writes.
   *
   * @param takesWeights gives the memory of the large weights (64 KiB) back while it packs them, so that there are never
   *   two copies of all: these arrays have a length of 0 afterwards. No two arrays may share memory.
   *
   * @throws RangeError for words that are no program, with the index of the operation that is at fault
   *   as `operation` where there is one; TypeError for arguments of other types
   */
  Program: new (
    words: Int32Array,
    weights: readonly Float32Array[],
    target: string,
    takesWeights?: boolean,
  ) => NativeProgram;
  /** Milliseconds since the machine was booted, the time in suspend included (CLOCK_BOOTTIME). */
  bootMs(): number;
  /** Returns whether a time server has set the machine's clock of late, as the kernel was told (adjtimex(2)). */
  isClockSynchronized(): boolean;
  /** Opens a pseudo-terminal in raw mode: the master's descriptor, non-blocking, and the slave's path. */
  openPty(): { fd: number; path: string };
  /** Returns whether the far end of a tty is gone, by POLLHUP, POLLERR or POLLNVAL of poll(2). */
  hungUp(fd: number): boolean;
  /** Bits a second that a tty is set to; of a pseudo-terminal's master, those that its reader has set. */
  ttyBaud(fd: number): number;
  /**
   * @param onReady called with how many ttys were read, after three numbers of each were written to `ready`: its slot, or -1
   *   where it was removed since; how many bytes, 0 where it has hung up; and how long ago, milliseconds. It returns how
   *   long this thread is to sleep before its event loop polls again, milliseconds, at most one.
   */
  TtyPoll: new (onReady: (count: number) => number, ready: Float64Array) => NativeTtyPoll;
  /**
   * Opens a file, which is made where it is absent, and locks it by flock(2): the descriptor, whose closing
   * releases the lock, or null where another has the lock. A symbolic link is not followed.
   */
  lockFile(path: string): number | null;
  /**
   * Until `hearSignals`, SIGTERM, SIGINT and SIGHUP write the message to stderr and end the process with exit code 0,
   * whatever it is at.
   */
  endAtSignals(message: string): void;
  /** Has these signals handled as before `endAtSignals`. */
  hearSignals(): void;
  /** Sends a datagram to a systemd notify socket, abstract (`@name`) or a path; false when it failed. */
  notify(socket: string, message: string): boolean;
}

let loaded: Addon | undefined;

/**
 * The addon, loaded at the first call.
 *
 * @throws LstmdError `engine.unavailable` when there is no binary for this machine
 */
export function loadAddon(): Addon {
  loaded ??= loadAddonFile(createRequire(import.meta.url)) as Addon;
  return loaded;
}
