/** The number of the start within the number of a boot, whose other part is random. */
export function bootCount(boot: number): number {
  return Math.floor(boot / 2 ** 32);
}
