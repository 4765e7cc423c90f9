/** `did you mean "X"?` when a known name is near, else the names there are. */
export function suggestion(unknown: string, known: readonly string[]): string {
  const near = nearName(unknown, known);
  return near === undefined ? `known: ${known.join(', ')}` : `did you mean "${near}"?`;
}

/** The known name that is meant, if one is near. */
export function nearName(unknown: string, known: readonly string[]): string | undefined {
  const text = unknown.toLowerCase().replaceAll(/[-_ ]/g, '');
  // Whoever writes `baud` or `password` knows what it is about, however long the name is.
  const begun = known.find((name) => text.length >= 3 && name.toLowerCase().startsWith(text));
  if (begun !== undefined) {
    return begun;
  }
  const [near] = known
    .map((name) => ({ name, ...distanceOf(text, name.toLowerCase()) }))
    .filter(({ distance, most }) => distance <= most)
    .toSorted((a, b) => a.distance - b.distance);
  return near?.name;
}

/** How far a text is from a name or, a slip being allowed in that too, from the beginning of one. */
function distanceOf(text: string, name: string): { distance: number; most: number } {
  const whole = { distance: editDistance(text, name), most: Math.max(1, text.length / 3) };
  const most = text.length < 5 ? 0 : Math.max(1, text.length / 5);
  const starts = [-1, 0, 1]
    .map((more) => editDistance(text, name.slice(0, text.length + more)) + 0.5)
    .map((distance) => ({ distance, most: most + 0.5 }));
  const near = [whole, ...starts].filter((each) => each.distance <= each.most);
  return near.toSorted((a, b) => a.distance - b.distance)[0] ?? whole;
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
