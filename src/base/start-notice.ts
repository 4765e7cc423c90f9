let told: () => void = () => {};

/** Sets who is told when a daemon has started. */
export function onStarted(listener: () => void): void {
  told = listener;
}

/** Tells that a daemon has started: all of the code of a start has run. */
export function tellStarted(): void {
  told();
}
