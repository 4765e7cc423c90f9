/** The value at a path; undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined,
    value,
  );
}

/** Sets the value at a path, in place; what is no object on the way is replaced by one. */
export function setAt(
  target: Record<string, unknown>,
  path: readonly (string | number)[],
  value: unknown,
): void {
  let section = target;
  for (const key of path.slice(0, -1)) {
    const child = section[key];
    const next =
      typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {};
    section[key] = next;
    section = next;
  }
  section[path.at(-1) ?? ''] = value;
}
