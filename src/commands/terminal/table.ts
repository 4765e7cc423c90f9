/**
 * Rows of cells as lines with aligned columns.
 *
 * @param rightFrom the first of the columns that are aligned to the right, as numbers are
 */
export function table(
  rows: readonly (readonly string[])[],
  { rightFrom = Infinity }: { readonly rightFrom?: number } = {},
): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < rightFrom ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('   ')
      .trimEnd(),
  );
}
