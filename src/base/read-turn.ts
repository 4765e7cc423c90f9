const waiting: (() => void)[] = [];
let isReading = false;

/**
 * Calls back once all that the ttys gave in this turn of the event loop has been worked on: at the end of the call for all
 * of them, or, outside of it, as `setImmediate` does, which costs more.
 */
export function afterReads(callback: () => void): void {
  if (isReading) {
    waiting.push(callback);
  } else {
    setImmediate(callback);
  }
}

/** Works on what the ttys gave, and then calls those that wait for the end of it. */
export function duringReads(work: () => void): void {
  isReading = true;
  try {
    work();
  } finally {
    try {
      callBack(0);
    } finally {
      isReading = false;
    }
  }
}

/** What one of them throws takes the call from none of the others, nor from those that came to wait meanwhile. */
function callBack(first: number): void {
  let n = first;
  try {
    while (n < waiting.length) {
      n += 1;
      waiting[n - 1]?.();
    }
  } finally {
    if (n < waiting.length) {
      callBack(n);
    }
    waiting.length = 0;
  }
}
