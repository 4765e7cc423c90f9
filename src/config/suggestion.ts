/** `did you mean "X"?` when a known name is near, else the names there are. */
export function suggestion(unknown: string, known: readonly string[]): string {
  const text = unknown.toLowerCase();
  // Whoever writes `baud` or `password` knows what it is about, however long the name is.
  const begun = known.find((name) => text.length >= 3 && name.toLowerCase().startsWith(text));
  if (begun !== undefined) {
    return `did you mean "${begun}"?`;
  }
  const near = known
    .map((name) => ({ name, distance: editDistance(text, name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  if (near !== undefined && near.distance <= Math.max(1, unknown.length / 3)) {
    return `did you mean "${near.name}"?`;
  }
  return `known: ${known.join(', ')}`;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
