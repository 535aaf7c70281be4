/** Milliseconds before a process that died is started again: at once the first time, then after half a second, doubled up to half a minute. */
export function restartDelay(failures: number): number {
  return failures <= 1 ? 0 : Math.min(30_000, 500 * 2 ** (failures - 2));
}
