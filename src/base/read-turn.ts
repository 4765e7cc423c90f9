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
 * Works on what ttys gave, and then calls those that wait for the end of it, whatever the work or one of them throws.
 *
 * @throws the first that was thrown
 */
export function duringReads(work: () => void): void {
  isReading = true;
  let fault = faultOf(work);
  // Others may come to wait meanwhile.
  for (let n = 0; n < waiting.length; n += 1) {
    const callback = waiting[n];
    const another = callback === undefined ? undefined : faultOf(callback);
    fault ??= another;
  }
  waiting.length = 0;
  isReading = false;
  if (fault !== undefined) {
    throw fault.error;
  }
}

function faultOf(work: () => void): { readonly error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}
