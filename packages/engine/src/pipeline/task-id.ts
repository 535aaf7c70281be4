import type { Hash } from '@pawl/core';

/** The id of a step's task in a run, or of one element of its fan-out: derived, so that making tasks twice makes them once. */
export function toTaskId(hash: Hash, run: string, step: string, index: number | null = null): string {
  return hash(index === null ? `${run}/${step}` : `${run}/${step}/${index}`).slice('sha256:'.length, 'sha256:'.length + 32);
}
