const counts = new Intl.NumberFormat('en-GB');

/** A measured number with four digits, such as 0.9312 or 1.204e+5. */
export function shortText(value: number | null | undefined): string {
  if (value === null || value === undefined) {
    return '–';
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    return value.toExponential(2);
  }
  return size < 10 ? value.toFixed(3) : size < 100 ? value.toFixed(2) : value.toFixed(1);
}

/** A count, such as 12,345. */
export function countText(count: number): string {
  return counts.format(count);
}

/** The time of day with seconds, as the browser has it. */
export function clockText(epochMs: number): string {
  return new Date(epochMs).toLocaleTimeString('en-GB');
}

/** A time span, such as 80 ms, 1.2 s or 3 min. */
export function spanText(ms: number): string {
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
