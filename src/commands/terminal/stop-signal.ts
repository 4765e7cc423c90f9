import { constants } from 'node:os';
import { hearEarlySignals } from '../../platform/early-signals.js';

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * A signal within so short a time after the first is the same wish, told twice: npm hands on the Ctrl-C
 * that its terminal has sent to all, and a shell the hang-up.
 */
const sameWishMs = 250;

/**
 * A signal that aborts at SIGTERM, SIGINT or SIGHUP, whose name is the reason. When one comes again, the
 * process ends at once, with nothing saved any more.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  for (const signal of signals) {
    process.on(signal, () => {
      firstMs ??= performance.now();
      controller.abort(signal);
      if (performance.now() - firstMs > sameWishMs) {
        endAtOnce(signal);
      }
    });
  }
  // Only now: a signal that is under way is lost where it has no listener for a moment.
  hearEarlySignals();
  return controller.signal;
}

/**
 * Ends the process by the signal itself: `process.exit` would wait for the threads of the pool, of which
 * one may hang in a system call.
 */
function endAtOnce(signal: (typeof signals)[number]): void {
  // Whoever started another process ends it at our exit.
  process.emit('exit', 128 + constants.signals[signal]);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Resolves when the signal has aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Returns what a promise gives; null where it fails since the signal has aborted. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) {
      return null;
    }
    throw error;
  }
}
