import type { Log } from '../base/log.js';
import { repeat } from '../base/repeat.js';

/** A part of the agent that must not stand still, unless it has nothing to do. */
export interface Stage {
  readonly name: string;
  /** How much work was done so far; any change of it is progress. */
  progress(): number;
  /** True while the stage rightly does nothing, as where there is no broker or nothing is pending. */
  waiting(): boolean;
}

interface WatchedStage {
  readonly stage: Stage;
  progress: number;
  /** When the stage was last seen to move or to wait, monotonic milliseconds. */
  movedMs: number;
  isStalled: boolean;
}

/**
 * Feeds systemd's watchdog, but only while every stage moves: a process whose timers run and whose work does not
 * must be restarted, not kept alive.
 */
export class Watchdog {
  readonly #watched: WatchedStage[] = [];
  #timer: NodeJS.Timeout | undefined;

  readonly #stallMs: number;
  readonly #feed: () => void;
  readonly #log: Log;
  readonly #now: () => number;

  /**
   * @param stallMs a stage that neither moved nor waited for so long is stalled
   * @param feed called at each look at which no stage is stalled
   * @param now time that never jumps, milliseconds
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
    this.watch(stages);
  }

  /** Looks at these stages too from now on. */
  watch(stages: readonly Stage[]): void {
    for (const stage of stages) {
      this.#watched.push({
        stage,
        progress: stage.progress(),
        movedMs: this.#now(),
        isStalled: false,
      });
    }
  }

  /** Feeds at once, and looks at the stages at this interval from now on. */
  start(intervalMs: number): void {
    this.#feed();
    this.#timer = repeat(intervalMs, 'the look at the stages', this.#log, () => this.check());
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
    if (!this.#watched.some(({ isStalled }) => isStalled)) {
      this.#feed();
    }
  }

  #look(watched: WatchedStage): void {
    const progress = watched.stage.progress();
    if (progress !== watched.progress || watched.stage.waiting()) {
      if (watched.isStalled) {
        this.#log.info({ stage: watched.stage.name }, 'stage moves again');
      }
      watched.progress = progress;
      watched.movedMs = this.#now();
      watched.isStalled = false;
    } else if (!watched.isStalled && this.#now() - watched.movedMs > this.#stallMs) {
      watched.isStalled = true;
      this.#log.error({ stage: watched.stage.name }, 'stage stands still: the watchdog is not fed');
    }
  }
}
