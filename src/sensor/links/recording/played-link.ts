import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../base/errors.js';
import { openRecording } from '../../../recording/recording-reader.js';
import type { Link, LinkSink } from '../link.js';
import { feed, paced } from './pace.js';

export interface PlayedLinkOptions {
  readonly path: string;
  /** Times the time that the recording took. */
  readonly speed: number;
  /** True when it begins again at its end. */
  readonly loop: boolean;
}

/** A file that cannot be read is tried again after so long; at the end of a recording there is nothing to do. */
const retryMs = 2000;

/** Plays the bytes of a recording, at their distances and with its unplugs. They arrive now, by today's clocks. */
export class PlayedLink implements Link {
  readonly counters = { opens: 0, hangUps: 0, openErrors: 0, bytes: 0, waits: 0 };
  /** It brings the answers to what was asked then. */
  readonly isAskedFor = true;
  readonly #options: PlayedLinkOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: PlayedLinkOptions) {
    this.#options = options;
  }

  start(sink: LinkSink): void {
    this.#running = this.#run(sink);
  }

  write(): void {}

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#running;
  }

  async #run(sink: LinkSink): Promise<void> {
    const { path, loop } = this.#options;
    const { signal } = this.#stopping;
    let unavailable: string | undefined;
    let isPlayed = false;
    while (!signal.aborted) {
      try {
        if (!isPlayed) {
          await this.#play(sink);
          isPlayed = !loop;
          unavailable = undefined;
        }
        if (isPlayed) {
          throw new Error(`${path} has come to its end; with sensor.loop it begins again`);
        }
      } catch (error) {
        const message = messageOf(error);
        if (message !== unavailable && !signal.aborted) {
          sink.unavailable(message);
        }
        unavailable = message;
        this.counters[isPlayed ? 'waits' : 'openErrors'] += 1;
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** @throws LstmdError `recording.unreadable` */
  async #play(sink: LinkSink): Promise<void> {
    const { path, speed } = this.#options;
    const { entries } = await openRecording(path);
    let isOpen = false;
    const close = (reason: 'hungUp' | 'silent'): void => {
      if (isOpen) {
        isOpen = false;
        this.counters.hangUps += 1;
        sink.closed(reason);
      }
    };
    try {
      for await (const entry of paced(entries, speed, this.#stopping.signal)) {
        feed(
          {
            opened: (port) => {
              isOpen = true;
              this.counters.opens += 1;
              sink.opened(`${port} of ${path}`);
            },
            bytes: (chunk) => {
              this.counters.bytes += chunk.length;
              return sink.bytes(chunk, performance.now());
            },
            closed: close,
            asked: () => sink.asked?.(),
            gaveUp: () => sink.gaveUp?.(performance.now()),
          },
          entry,
        );
      }
    } finally {
      if (!this.#stopping.signal.aborted) {
        close('hungUp');
      }
    }
  }
}
