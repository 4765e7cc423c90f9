import { setTimeout as sleep } from 'node:timers/promises';
import { FleetDevice, type FleetDeviceOptions } from './fleet-device.js';

export interface FleetOptions extends Omit<FleetDeviceOptions, 'name' | 'seed'> {
  readonly devices: number;
  /** The names of the devices begin with this. */
  readonly name: string;
  /** Devices that are started a second. */
  readonly startsPerSecond: number;
}

/** Sums over all devices of a fleet. */
export interface FleetTotals {
  readonly devices: number;
  readonly connected: number;
  /** Connections after the first of each device. */
  readonly reconnects: number;
  readonly failedAttempts: number;
  /** Records: produced = delivered + pending + dropped. */
  readonly produced: number;
  readonly delivered: number;
  readonly pending: number;
  /** By their reasons; those that none was dropped for are left out. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Devices are started so often, some at a time. */
const startEveryMs = 50;

/** Many devices in one process, each with a connection of its own. */
export class Fleet {
  readonly devices: readonly FleetDevice[];
  readonly #startsPerSecond: number;

  constructor({ devices, name, startsPerSecond, ...options }: FleetOptions) {
    const digits = String(devices).length;
    const urls = typeof options.url === 'string' ? [options.url] : options.url;
    this.#startsPerSecond = startsPerSecond;
    this.devices = Array.from({ length: devices }, (_, n) => {
      // Each begins with another broker, so that they are spread over all.
      const first = n % urls.length;
      return new FleetDevice({
        ...options,
        url: [...urls.slice(first), ...urls.slice(0, first)],
        name: `${name}-${String(n + 1).padStart(digits, '0')}`,
        seed: n + 1,
      });
    });
  }

  /**
   * Starts the devices, some at a time.
   *
   * @param signal ends the starting
   */
  async start(signal: AbortSignal): Promise<void> {
    const begunMs = performance.now();
    for (const [n, device] of this.devices.entries()) {
      const waitMs = (1000 * n) / this.#startsPerSecond - (performance.now() - begunMs);
      if (waitMs > startEveryMs) {
        await sleep(waitMs, undefined, { signal });
      }
      signal.throwIfAborted();
      device.start();
    }
  }

  /** Breaks all connections at once. */
  cut(): void {
    for (const device of this.devices) {
      device.cut();
    }
  }

  /** Delivers what waits, and disconnects. */
  async stop(deadlineMs: number): Promise<void> {
    await Promise.all(this.devices.map((device) => device.stop(deadlineMs)));
  }

  /** Connections of all devices so far. */
  get connects(): number {
    return this.devices.reduce((sum, { broker }) => sum + broker.connects, 0);
  }

  get totals(): FleetTotals {
    const sums = { connected: 0, reconnects: 0, failedAttempts: 0 };
    const records = { produced: 0, delivered: 0, pending: 0 };
    const dropped: Record<string, number> = {};
    for (const { broker, records: own } of this.devices) {
      sums.connected += broker.connected ? 1 : 0;
      sums.reconnects += Math.max(0, broker.connects - 1);
      sums.failedAttempts += broker.failedAttempts;
      records.produced += own.produced;
      records.delivered += own.delivered;
      records.pending += own.pending;
      for (const [reason, count] of Object.entries(own.dropped)) {
        if (count > 0) {
          dropped[reason] = (dropped[reason] ?? 0) + count;
        }
      }
    }
    return { devices: this.devices.length, ...sums, ...records, dropped };
  }
}
