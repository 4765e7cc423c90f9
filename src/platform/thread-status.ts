import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Length of the clock ticks in which Linux counts the CPU time of a thread: `USER_HZ` is 100 everywhere. */
const tickMs = 10;

/** The number by which Linux knows the calling thread; null where there is no /proc. */
export function ownThreadId(): number | null {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? Number.NaN);
  } catch {
    return null;
  }
}

/** Holds what Linux says of the threads of this process. */
export interface ThreadStatus {
  /** CPU time that the thread in question has used; null while it is not known or not there. */
  readonly cpuMs: number | null;
  /**
   * True when any thread but the main one runs, waits for a CPU or waits for the disk. A thread that the
   * scheduler does not let run counts as well: it would, if it could.
   */
  readonly isAnyBusy: boolean;
}

/**
 * Looks at the threads of this process.
 *
 * @param threadId what `ownThreadId` gave in the thread in question; null while it is not known
 * @returns null where there is no /proc
 */
export function threadStatus(threadId: number | null): ThreadStatus | null {
  let names: string[];
  try {
    names = readdirSync('/proc/self/task');
  } catch {
    return null;
  }
  let cpuMs: number | null = null;
  let isAnyBusy = false;
  for (const name of names) {
    const fields = statFields(name);
    if (fields === null) {
      continue;
    }
    // Fields 3, 14 and 15 of proc(5): the state, and the CPU time in user and in kernel mode.
    const [state] = fields;
    if (Number(name) !== process.pid && (state === 'R' || state === 'D')) {
      isAnyBusy = true;
    }
    if (Number(name) === threadId) {
      cpuMs = (Number(fields[11]) + Number(fields[12])) * tickMs;
    }
  }
  return { cpuMs, isAnyBusy };
}

/** The fields of a thread's `stat` from the third on; null for a thread that has ended. */
function statFields(name: string): string[] | null {
  try {
    const stat = readFileSync(`/proc/self/task/${name}/stat`, 'latin1');
    // The second field is the thread's name in parentheses, which may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
