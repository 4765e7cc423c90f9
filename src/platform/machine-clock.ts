import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { clockIsSetMs, clockStep } from '../base/clock-step.js';
import { loadAddon, type Addon } from './addon.js';

/**
 * The clocks of the machine. Its wall clock may be set at any time, and begins anywhere on a board without a
 * battery: in 1970, or where it stood at the shutdown. Two moments of one boot are best compared by `bootMs`.
 */
export interface MachineClock {
  /** Epoch milliseconds by the wall clock. */
  epochMs(): number;
  /** Milliseconds since the machine was booted, suspend included: they never jump, and nobody sets them. */
  bootMs(): number;
  /** Tells this boot of the machine from every other, 32 hexadecimal digits; null where that is not known. */
  readonly bootId: string | null;
  /**
   * Returns whether there is a reason to believe the wall clock: a time server has set it in this boot, somebody has set it
   * since the start of this process, or a clock with a battery shows the same time.
   */
  isRight(): boolean;
}

/** Says where Linux tells of its clocks; tests name other files. */
export interface ClockFiles {
  readonly bootId: string;
  /** There while systemd-timesyncd has set the clock in this boot. */
  readonly synchronized: string;
  /** The clocks with a battery. */
  readonly batteryClocks: string;
}

const linuxFiles: ClockFiles = {
  bootId: '/proc/sys/kernel/random/boot_id',
  synchronized: '/run/systemd/timesync/synchronized',
  batteryClocks: '/sys/class/rtc',
};

/** Holds what the machine has that sets its wall clock, for people. */
export interface ClockReport {
  /** True where a time server has set it in this boot. */
  readonly isSynchronized: boolean;
  /** The clocks with a battery, by their names: rtc0. */
  readonly batteryClocks: readonly string[];
}

/** Looks at what sets the wall clock of this machine. */
export function clockReport(files: ClockFiles = linuxFiles): ClockReport {
  return {
    isSynchronized: isSynchronized(addonIfThere(), files),
    batteryClocks: namesIn(files.batteryClocks),
  };
}

/** How far the clock with a battery may be off; it counts whole seconds. */
const batterySlackMs = 2000;

/** The clocks of Linux. */
export class LinuxClock implements MachineClock {
  readonly bootId: string | null;
  readonly #files: ClockFiles;
  readonly #addon: Addon | null;
  /** Time since the boot less `performance.now()`, for where the addon is not there. */
  readonly #bootOffsetMs: number;
  readonly #firstOffsetMs: number;
  /** Once right, the clock goes on well enough until the machine is off. */
  #isRight = false;
  #isBatteryAsked = false;

  constructor(files: ClockFiles = linuxFiles) {
    this.#files = files;
    this.bootId = bootIdOf(files.bootId);
    this.#addon = addonIfThere();
    this.#bootOffsetMs = 1000 * uptime() - performance.now();
    this.#firstOffsetMs = this.epochMs() - this.bootMs();
  }

  epochMs(): number {
    return Date.now();
  }

  bootMs(): number {
    return this.#addon === null ? this.#bootOffsetMs + performance.now() : this.#addon.bootMs();
  }

  isRight(): boolean {
    this.#isRight ||= this.epochMs() >= clockIsSetMs && this.#isConfirmed();
    return this.#isRight;
  }

  #isConfirmed(): boolean {
    const wasSet = clockStep(this.#firstOffsetMs, this.epochMs() - this.bootMs()) !== 0;
    if (wasSet || isSynchronized(this.#addon, this.#files)) {
      return true;
    }
    // It may be on a slow bus, and does not become right later.
    const isAsked = this.#isBatteryAsked;
    this.#isBatteryAsked = true;
    return !isAsked && this.#isAsBattery();
  }

  /** Returns whether the clock from which the kernel took the time at the boot still shows the same. */
  #isAsBattery(): boolean {
    const folder = this.#files.batteryClocks;
    return namesIn(folder).some((name) => {
      const isSource = textOf(`${folder}/${name}/hctosys`) === '1';
      const seconds = isSource ? textOf(`${folder}/${name}/since_epoch`) : undefined;
      return (
        seconds !== undefined && Math.abs(1000 * Number(seconds) - this.epochMs()) <= batterySlackMs
      );
    });
  }
}

let ofThisMachine: MachineClock | undefined;

/** The clocks of this machine, of which the process needs no second look. */
export function machineClock(): MachineClock {
  ofThisMachine ??= new LinuxClock();
  return ofThisMachine;
}

/** The kernel's number of this boot, or what the unit says: a service that sees of /proc its processes alone has no other. */
function bootIdOf(file: string): string | null {
  const id = (textOf(file) ?? process.env['BOOT_ID'] ?? '').replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) ? id : null;
}

/** Returns whether a time server has set the wall clock in this boot. */
function isSynchronized(addon: Addon | null, files: ClockFiles): boolean {
  return addon?.isClockSynchronized() === true || existsSync(files.synchronized);
}

function addonIfThere(): Addon | null {
  try {
    return loadAddon();
  } catch {
    return null;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return undefined;
  }
}
