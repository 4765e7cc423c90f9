import type { Message } from '../messages.js';

/** Is told of what happens to a connection. */
export interface ConnectionEvents {
  message(message: Message): void;
  /** It is lost, or could not be made; another attempt follows. */
  lost(): void;
  /** The device wants a token. */
  tokenWanted(): void;
}

const retryMs = 1000;
const mostRetryMs = 5000;

/**
 * The messages of one stream, for as long as the page lives: a connection that ends is made again. It reads the
 * server-sent events itself, because an EventSource does not tell a token that is missing from a device that is away.
 */
export class Connection {
  readonly #events: ConnectionEvents;
  #abort = new AbortController();
  #failures = 0;

  constructor(events: ConnectionEvents) {
    this.#events = events;
  }

  /** Shows this stream from now on; undefined for the first. */
  open(stream: string | undefined): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#failures = 0;
    void this.#keep(stream, this.#abort.signal);
  }

  async #keep(stream: string | undefined, signal: AbortSignal): Promise<void> {
    const query = stream === undefined ? '' : `?stream=${encodeURIComponent(stream)}`;
    while (!signal.aborted) {
      try {
        const response = await fetch(`live${query}`, { signal, cache: 'no-store' });
        if (response.status === 401) {
          this.#events.tokenWanted();
          return;
        }
        if (response.ok && response.body !== null) {
          await this.#read(response.body);
        }
      } catch {
        // The device is away, or the page has asked for another stream.
      }
      if (signal.aborted) {
        return;
      }
      this.#events.lost();
      this.#failures += 1;
      const waitMs = Math.min(mostRetryMs, retryMs * this.#failures) * (0.75 + Math.random() / 2);
      await new Promise((resolve) => {
        setTimeout(resolve, waitMs);
      });
    }
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let waiting = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      this.#failures = 0;
      waiting += decoder.decode(value, { stream: true });
      const events = waiting.split('\n\n');
      waiting = events.pop() ?? '';
      for (const event of events) {
        this.#events.message(JSON.parse(event.slice('data: '.length)) as Message);
      }
    }
  }
}
