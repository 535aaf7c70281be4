export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

const LARGEST_EXPONENT = 16;

/** Steps that run on this machine fail for reasons that pass quickly or not at all. */
export const localBackoff: Backoff = { baseMs: 1000, maxMs: 3_600_000 };

/**
 * Wait in ms before the next attempt after `failures` (≥ 1) failed ones: exponential with equal jitter, between half and all of min(max, base · 2ⁿ).
 * @param random uniform in [0, 1)
 */
export function toBackoffMs(failures: number, random: number, { baseMs, maxMs }: Backoff): number {
  const exponent = Math.min(Math.max(0, failures - 1), LARGEST_EXPONENT);
  return Math.round(Math.min(maxMs, baseMs * 2 ** exponent * (0.5 + 0.5 * random)));
}
