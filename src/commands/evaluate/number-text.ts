/** A count for people: `12,000`. */
export function countText(count: number): string {
  return count.toLocaleString('en');
}

/** A share as per cent: `98.21 %`; `-` where there is none. */
export function shareText(share: number | null): string {
  return share === null ? '-' : `${(100 * share).toFixed(2)} %`;
}

/** A number with four figures that count; `-` where there is none. */
export function numberText(value: number | null): string {
  if (value === null) {
    return '-';
  }
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e6)) {
    return value.toExponential(3);
  }
  return magnitude < 10 ? value.toFixed(4) : value.toPrecision(6);
}
