import { randomBytes, randomFillSync } from 'node:crypto';
import type { Clock, Random } from '@pawl/core';

/** The machine's clock, except that it never goes back: a machine's clock that is set back stands still here until it has caught up. */
export function createSystemClock(): Clock {
  let last = 0;
  return {
    now: () => {
      last = Math.max(last, Date.now());
      return last;
    },
  };
}

/** The machine's own randomness, fit for ids and secrets. */
export function createSystemRandom(): Random {
  const word = new BigUint64Array(1);
  return {
    // The 53 bits that a number in [0, 1) holds.
    next: () => Number((randomFillSync(word)[0] ?? 0n) >> 11n) / 2 ** 53,
    bytes: (length) => new Uint8Array(randomBytes(length)),
  };
}
