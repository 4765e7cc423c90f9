import type { Log } from '../base/log.js';

/** A part of the agent whose standstill is a fault, unless it has nothing to do. */
export interface Stage {
  readonly name: string;
  /** Work done so far; any change is progress. */
  progress(): number;
  /** True while the stage rightly does nothing: no sensor, no broker, nothing pending. */
  waiting(): boolean;
}

interface Watched {
  readonly stage: Stage;
  progress: number;
  /** When the stage last moved or waited, monotonic milliseconds. */
  movedMs: number;
  stalled: boolean;
}

/**
 * Feeds systemd's watchdog, but only while every stage moves: a process that ticks and does no work
 * must be restarted, not kept alive.
 */
export class Watchdog {
  readonly #watched: Watched[];
  #timer: NodeJS.Timeout | undefined;

  readonly #stallMs: number;
  readonly #feed: () => void;
  readonly #log: Log;
  readonly #now: () => number;

  /**
   * @param stallMs a stage that neither moved nor waited for this long is stalled
   * @param feed called when all is well
   */
  constructor(
    stages: readonly Stage[],
    stallMs: number,
    feed: () => void,
    log: Log,
    now: () => number = () => performance.now(),
  ) {
    this.#stallMs = stallMs;
    this.#feed = feed;
    this.#log = log;
    this.#now = now;
    this.#watched = stages.map((stage) => ({
      stage,
      progress: stage.progress(),
      movedMs: now(),
      stalled: false,
    }));
  }

  start(intervalMs: number): void {
    this.#feed();
    this.#timer = setInterval(() => this.check(), intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks at every stage once, and feeds when none is stalled. */
  check(): void {
    for (const watched of this.#watched) {
      this.#look(watched);
    }
    if (!this.#watched.some(({ stalled }) => stalled)) {
      this.#feed();
    }
  }

  #look(watched: Watched): void {
    const progress = watched.stage.progress();
    if (progress !== watched.progress || watched.stage.waiting()) {
      if (watched.stalled) {
        this.#log.info({ stage: watched.stage.name }, 'stage moves again');
      }
      watched.progress = progress;
      watched.movedMs = this.#now();
      watched.stalled = false;
    } else if (!watched.stalled && this.#now() - watched.movedMs > this.#stallMs) {
      watched.stalled = true;
      this.#log.error({ stage: watched.stage.name }, 'stage stands still: the watchdog is not fed');
    }
  }
}
