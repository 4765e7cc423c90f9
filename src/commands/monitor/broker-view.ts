import type { Message } from '../../client/messages.js';
import { StreamRow } from './stream-row.js';

/** A broker may be told of more devices than a terminal, or a memory, has room for. */
const mostRows = 10_000;

/** All that a broker's messages tell: a row for each stream, and which devices are there. */
export class BrokerView {
  readonly #rows = new Map<string, StreamRow>();
  readonly #status = new Map<string, 'online' | 'offline'>();
  /** Payloads that are none of lstmd's, and streams for which there was no room. */
  malformed = 0;
  beyond = 0;

  take(message: Message): void {
    if (message.kind === 'malformed') {
      this.malformed += 1;
    } else if (message.kind === 'status') {
      if (this.#status.size < mostRows) {
        this.#status.set(message.device, message.status.state);
      }
    } else if (message.kind !== 'deviceHealth') {
      this.#rowOf(message)?.take(message);
    }
  }

  tick(): void {
    for (const row of this.#rows.values()) {
      row.tick();
    }
  }

  /** By device, then by stream. */
  get rows(): StreamRow[] {
    return [...this.#rows.values()].sort(
      (a, b) => compare(a.device, b.device) || compare(a.stream, b.stream),
    );
  }

  /** Returns whether a device is there; `unknown` where it has never said so. */
  statusOf(device: string): 'online' | 'offline' | 'unknown' {
    return this.#status.get(device) ?? 'unknown';
  }

  get devices(): number {
    return new Set([...this.#status.keys(), ...this.rows.map(({ device }) => device)]).size;
  }

  #rowOf({
    device,
    stream,
  }: {
    readonly device: string;
    readonly stream: string;
  }): StreamRow | undefined {
    const key = `${device}/${stream}`;
    const known = this.#rows.get(key);
    if (known !== undefined) {
      return known;
    }
    if (this.#rows.size >= mostRows) {
      this.beyond += 1;
      return undefined;
    }
    const row = new StreamRow(device, stream);
    this.#rows.set(key, row);
    return row;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
