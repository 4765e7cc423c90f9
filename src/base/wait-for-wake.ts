/**
 * Waits for an event, and no longer than a bound: the event wakes whoever waits, and only where it does not come the timer
 * does.
 *
 * @param mostMs the bound, milliseconds
 * @param begin called at once with the function that the event is to call
 */
export function waitForWake(mostMs: number, begin: (wake: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, mostMs);
    begin(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
