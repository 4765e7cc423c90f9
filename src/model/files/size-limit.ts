/** Bytes of the largest model, and of the largest member of an archive. Reading takes five times as much memory. */
export const maxModelBytes = 64 * 2 ** 20;
