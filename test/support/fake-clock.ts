import type { MachineClock } from '#src/platform/machine-clock.js';

/** Clocks that a test sets; the time since the boot and the wall time go on only where it says so. */
export class FakeClock implements MachineClock {
  wallMs: number;
  sinceBootMs: number;
  bootId: string | null;
  right: boolean;

  constructor(settings: Partial<Omit<FakeClock, 'epochMs' | 'bootMs' | 'isRight' | 'pass'>> = {}) {
    this.wallMs = settings.wallMs ?? 1_763_880_000_000;
    this.sinceBootMs = settings.sinceBootMs ?? 50_000;
    this.bootId = settings.bootId === undefined ? 'b0'.repeat(16) : settings.bootId;
    this.right = settings.right ?? true;
  }

  epochMs(): number {
    return this.wallMs;
  }

  bootMs(): number {
    return this.sinceBootMs;
  }

  isRight(): boolean {
    return this.right;
  }

  /** Lets time go by. */
  pass(ms: number): void {
    this.wallMs += ms;
    this.sinceBootMs += ms;
  }

  /** Boots the machine anew. */
  boot(wallMs: number, isRight: boolean): void {
    this.wallMs = wallMs;
    this.sinceBootMs = 4000;
    this.bootId =
      this.bootId === null
        ? null
        : this.bootId.replace(/^../, (start) =>
            (Number.parseInt(start, 16) ^ 1).toString(16).padStart(2, '0'),
          );
    this.right = isRight;
  }
}
