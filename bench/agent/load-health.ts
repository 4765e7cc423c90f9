import { Subscription } from '#src/publish/mqtt/subscription.js';
import { processUsage, type ProcessUsage } from '#src/commands/bench/agent/process-usage.js';

/** Holds what the daemon says of itself, and what the system says of it at the same time. */
export interface LoadHealth {
  readonly tsMs: number;
  readonly steps: number;
  readonly connected: number;
  readonly delivered: number;
  readonly pending: number;
  readonly dropped: number;
  readonly usage: ProcessUsage;
}

interface Payload {
  readonly ts: number;
  readonly records: {
    readonly delivered: number;
    readonly pending: number;
    readonly dropped: Readonly<Record<string, number>>;
  };
  readonly totals: { readonly steps: number; readonly connected: number };
}

/** The health of a daemon, as often as it tells it. */
export class LoadHealthFeed {
  #subscription: Subscription | undefined;
  #heard: (health: LoadHealth) => void = () => {};
  #fail: (error: Error) => void = () => {};

  /** @param pid process of the daemon */
  async open(url: string, device: string, pid: number): Promise<void> {
    this.#subscription = await Subscription.open(url, `lstmd/${device}/health`, (payload) => {
      const { ts, records, totals } = JSON.parse(payload.toString()) as Payload;
      const { delivered, pending, dropped } = records;
      const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      const usage = processUsage(pid);
      this.#heard({ tsMs: ts, ...totals, delivered, pending, dropped: lost, usage });
    });
  }

  /** The daemon has ended: nobody need wait for it. */
  fail(error: Error): void {
    this.#fail(error);
  }

  /** Resolves with the next health of which this holds. */
  when(isMet: (health: LoadHealth) => boolean): Promise<LoadHealth> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      this.#heard = (health) => {
        if (isMet(health)) {
          this.#heard = () => {};
          resolve(health);
        }
      };
    });
  }

  async close(): Promise<void> {
    await this.#subscription?.close();
  }
}
