import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Message } from './loading-process.js';

export interface FuzzOptions {
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  /** Names of the specimens; all are used where the list is empty. */
  readonly specimens: readonly string[];
  /** After this time a case counts as hung. */
  readonly limitMs: number;
  readonly limitRssBytes: number;
}

export interface FuzzReport {
  /** Cases by outcome: `plan`, or the code of the error. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Each names the seed and the case with which it can be repeated. */
  readonly failures: readonly string[];
  readonly peakRssBytes: number;
}

/**
 * Loads damaged models in a process of their own. Where a case crashes or hangs it, that is noted, and
 * another process goes on with the rest.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const outcomes = new Map<string, number>();
  const failures: string[] = [];
  let peakRssBytes = 0;
  let next = options.first;
  const end = options.first + options.count;
  while (next < end) {
    const run = await inProcess({ ...options, first: next, count: end - next }, (outcome) => {
      const kind = outcome.startsWith('crash') ? 'crash' : outcome;
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
    });
    failures.push(...run.failures);
    peakRssBytes = Math.max(peakRssBytes, run.peakRssBytes);
    next = run.next;
  }
  return { outcomes, failures, peakRssBytes };
}

interface ProcessRun {
  readonly next: number;
  readonly failures: readonly string[];
  readonly peakRssBytes: number;
}

function inProcess(
  { seed, first, count, specimens, limitMs, limitRssBytes }: FuzzOptions,
  onOutcome: (outcome: string) => void,
): Promise<ProcessRun> {
  const program = fileURLToPath(new URL('loading-process.js', import.meta.url));
  const child = fork(program, [`${seed}`, `${first}`, `${count}`, ...specimens], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const failures: string[] = [];
  let next = first;
  let label = 'before the first case';
  let isOpen = false;
  let isHung = false;
  let peakRssBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  child.on('message', (message: Message) => {
    clearTimeout(timer);
    isOpen = message.kind === 'begin';
    if (message.kind === 'begin') {
      label = `seed ${seed}, case ${message.number} (${message.specimen})`;
      next = message.number + 1;
      timer = setTimeout(() => {
        isHung = true;
        child.kill('SIGKILL');
      }, limitMs);
      return;
    }
    onOutcome(message.outcome);
    if (message.outcome.startsWith('crash')) {
      failures.push(`${label}: ${message.outcome}`);
    }
    if (message.peakRssBytes > limitRssBytes && peakRssBytes <= limitRssBytes) {
      failures.push(`${label}: ${Math.round(message.peakRssBytes / 2 ** 20)} MiB of memory`);
    }
    peakRssBytes = Math.max(peakRssBytes, message.peakRssBytes);
  });
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      if (isHung) {
        failures.push(`${label}: not loaded within ${limitMs} ms`);
      } else if (isOpen || code !== 0) {
        failures.push(`${label}: ended with ${signal ?? code}`);
      }
      const isBroken = isOpen || code !== 0;
      resolve({ next: isBroken ? next : first + count, failures, peakRssBytes });
    });
  });
}
