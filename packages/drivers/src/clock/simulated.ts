import { fault } from '@pawl/core';
import type { Clock, Random } from '@pawl/core';

export interface SimulatedClock extends Clock {
  /** Jumps to a moment (epoch ms). Throws `invalid_input` for one that is past: time never goes back. */
  advanceTo(epochMs: number): void;
  advanceBy(ms: number): void;
}

/** A clock that starts where it is told, runs as fast as the real one, and jumps ahead when told to; work that takes real time takes as much of its time. */
export function createSimulatedClock(startMs: number): SimulatedClock {
  let base = toMoment(startMs);
  let since = performance.now();

  function now(): number {
    return base + Math.floor(performance.now() - since);
  }

  function advanceTo(epochMs: number): void {
    const moment = toMoment(epochMs);
    const current = now();
    if (moment < current) {
      throw fault('invalid_input', {
        where: `time ${epochMs}`,
        problem: `the simulated clock already stands at ${current}, and time never goes back.`,
      });
    }
    base = moment;
    since = performance.now();
  }

  return { now, advanceTo, advanceBy: (ms) => advanceTo(now() + ms) };
}

function toMoment(epochMs: number): number {
  if (!Number.isSafeInteger(epochMs) || epochMs < 0)
    throw fault('invalid_input', { where: `time ${epochMs}`, problem: 'give whole epoch milliseconds.' });
  return epochMs;
}

/**
 * The same numbers for the same seed: sfc32 (Chris Doty-Humphrey, PractRand), seeded from the text by FNV-1a. Never for secrets.
 */
export function createSeededRandom(seed: string | number): Random {
  let a = hash32(`a${seed}`);
  let b = hash32(`b${seed}`);
  let c = hash32(`c${seed}`);
  let counter = 1;

  function word(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  for (let round = 0; round < 15; round += 1) word();
  return {
    next: () => (word() * 2 ** 21 + (word() >>> 11)) / 2 ** 53,
    bytes: (length) => Uint8Array.from({ length }, () => word() >>> 24),
  };
}

function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}
