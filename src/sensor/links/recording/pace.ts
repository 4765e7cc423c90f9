import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingEntry } from '../../../recording/entry.js';

/**
 * The entries of a recording when it is time for each: at its distance from the first one by the recording's monotonic
 * clock, over the speed. Ends with the entries, or when the signal aborts.
 *
 * @param speed times real time; Infinity is without waiting
 */
export async function* paced(
  entries: AsyncIterable<RecordingEntry>,
  speed: number,
  signal: AbortSignal,
): AsyncGenerator<RecordingEntry, void, undefined> {
  const startMs = performance.now();
  let firstMs: number | undefined;
  for await (const entry of entries) {
    if (speed !== Infinity && 'atMs' in entry) {
      firstMs ??= entry.atMs;
      const waitMs = startMs + (entry.atMs - firstMs) / speed - performance.now();
      if (waitMs > 0) {
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
    if (signal.aborted) {
      return;
    }
    yield entry;
  }
}

/** Feeds an entry to a link that it was recorded from; those that are not of a link are passed over. */
export function feed(
  link: {
    opened(path: string, atMs: number): void;
    bytes(chunk: Uint8Array, atMs: number, epochMs: number): boolean;
    closed(reason: 'hungUp' | 'silent', atMs: number): void;
    asked(atMs: number): void;
    gaveUp(atMs: number, epochMs: number): void;
  },
  entry: RecordingEntry,
): void {
  if (entry.kind === 'opened') {
    link.opened(entry.path, entry.atMs);
  } else if (entry.kind === 'bytes') {
    link.bytes(entry.bytes, entry.atMs, entry.epochMs);
  } else if (entry.kind === 'asked') {
    link.asked(entry.atMs);
  } else if (entry.kind === 'gaveUp') {
    link.gaveUp(entry.atMs, entry.epochMs);
  } else if (entry.kind === 'closed' && entry.reason !== 'stopped') {
    link.closed(entry.reason === 'silent' ? 'silent' : 'hungUp', entry.atMs);
  }
}
