import type { TrialStream } from "../../agent/trial-stream.js";

const lookMs = 50;

/**
 * Looks whether the standard input, which is all that the streams read, has come to its end: nothing more will ever come.
 *
 * @param onEnd called once all of it was read
 * @returns a timer, which is to be cleared; undefined where a stream reads something else
 */
export function watchEndOfInput(
  streams: readonly TrialStream[],
  onEnd: () => void,
): NodeJS.Timeout | undefined {
  if (
    !streams.every(({ prepared }) => prepared.config.sensor.link === "stdin://")
  ) {
    return undefined;
  }
  return setInterval(() => {
    const { readableEnded, destroyed } = process.stdin;
    if (
      (readableEnded || destroyed) &&
      streams.every(({ connected }) => !connected)
    ) {
      onEnd();
    }
  }, lookMs);
}
