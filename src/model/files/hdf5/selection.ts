/** Returns whether a path is one of the groups, or lies in one. Keras 2 on Windows joined paths with backslashes. */
export function isSelected(path: string, groups: readonly string[] | null): boolean {
  return (
    groups === null ||
    groups.some(
      (group) => path === group || path.startsWith(`${group}/`) || path.startsWith(`${group}\\`),
    )
  );
}
