const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A duration for people, in the largest unit of which it has one: `3 minutes`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, durationMs / 1000);
  const [unit, length] = units.find(([, size]) => seconds >= size) ?? ['second', 1];
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
