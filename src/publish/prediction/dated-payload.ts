/** The beginning of every payload that `PayloadWriter` writes. */
const timestamp = /^\{"ts":(-?\d+)/;
/** The beginning of each prediction of a batch; in a name the quotes would be escaped. */
const everyTimestamp = /\{"ts":(-?\d+)/g;
/** The times that a forecast is for. */
const forecastTimes = /("forecast":\{"ts":\[)([^\]]*)\]/g;

/**
 * The payload of a record with its time corrected, because the clock was set after it was made.
 *
 * @param stepMs how far the clock was set since
 * @param isUncertain whether the time cannot be corrected, and is marked with `"tsUncertain":true`
 */
export function datedPayload(payload: string, stepMs: number, isUncertain: boolean): string {
  if (stepMs === 0 && !isUncertain) {
    return payload;
  }
  const shifted = (ts: string): number => Number(ts) + Math.round(stepMs);
  return payload
    .replace(payload.includes('"predictions":[') ? everyTimestamp : timestamp, (_, ts: string) => {
      const mark = isUncertain ? ',"tsUncertain":true' : '';
      return `{"ts":${shifted(ts)}${mark}`;
    })
    .replaceAll(forecastTimes, (_, before: string, times: string) => {
      return `${before}${times.split(',').map(shifted).join(',')}]`;
    });
}
