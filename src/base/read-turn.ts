const waiting: (() => void)[] = [];
let isReading = false;

/**
 * Calls back once what ttys gave has been worked on, as far as that is done without waiting: at the end of the call for all
 * that were read together, or, outside of it, as `setImmediate` does, which costs more.
 */
export function afterReads(callback: () => void): void {
  if (isReading) {
    waiting.push(callback);
  } else {
    setImmediate(callback);
  }
}

/**
 * Reads one after the other, and then calls those that wait for the end of it: what one of them throws takes nothing from the
 * others.
 *
 * @param read called with 0 to `count` - 1
 * @throws the first that was thrown
 */
export function duringReads(count: number, read: (n: number) => void): void {
  isReading = true;
  let fault: { readonly error: unknown } | undefined;
  // Others may come to wait meanwhile.
  for (let n = 0; n < count + waiting.length; n += 1) {
    try {
      if (n < count) {
        read(n);
      } else {
        waiting[n - count]?.();
      }
    } catch (error) {
      fault ??= { error };
    }
  }
  waiting.length = 0;
  isReading = false;
  if (fault !== undefined) {
    throw fault.error;
  }
}
