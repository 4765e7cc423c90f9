import type { HeldTime } from '../../time/held-time.js';
import type { CloseReason, Link, LinkSink } from '../link.js';

/** Is told what a link brings before the link's sink is, with the clocks' readings of that moment. */
export interface LinkObserver {
  /** @param atMs monotonic, as everywhere here */
  opened(path: string, atMs: number): void;
  /** @param chunk reused by the link after the call */
  bytes(chunk: Uint8Array, atMs: number, epochMs: number): void;
  closed(reason: CloseReason, atMs: number): void;
  /** The sensor was asked. */
  asked(atMs: number): void;
  /** The answer that was waited for was given up. */
  gaveUp(atMs: number, epochMs: number): void;
}

/** A link that shows an observer everything that it passes on, and holds the clocks for both at the same readings. */
export class ObservedLink implements Link {
  readonly #link: Link;
  readonly #time: HeldTime;
  readonly #observer: LinkObserver;

  constructor(link: Link, time: HeldTime, observer: LinkObserver) {
    this.#link = link;
    this.#time = time;
    this.#observer = observer;
  }

  get counters(): Link['counters'] {
    return this.#link.counters;
  }

  start(sink: LinkSink): void {
    this.#link.start({
      opened: (path) => {
        const atMs = performance.now();
        this.#time.hold(atMs, Date.now());
        this.#observer.opened(path, atMs);
        sink.opened(path);
      },
      bytes: (chunk, arrivalMs) => {
        const epochMs = Date.now();
        this.#time.hold(arrivalMs, epochMs);
        this.#observer.bytes(chunk, arrivalMs, epochMs);
        return sink.bytes(chunk, arrivalMs);
      },
      closed: (reason) => {
        this.#observer.closed(reason, performance.now());
        sink.closed(reason);
      },
      unavailable: (message) => sink.unavailable(message),
    });
  }

  write(bytes: Uint8Array): void {
    this.#observer.asked(performance.now());
    this.#link.write(bytes);
  }

  get pauseMs(): number {
    return this.#link.pauseMs ?? 0;
  }

  pause(): void {
    this.#link.pause?.();
  }

  resume(): void {
    this.#link.resume?.();
  }

  givenUp(atMs: number): void {
    const epochMs = Date.now();
    this.#time.hold(atMs, epochMs);
    this.#observer.gaveUp(atMs, epochMs);
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }
}
