import { fault } from '@pawl/core';
import { listGpus } from './gpu.ts';

/** GPUs lent to commands, each to one at a time. */
export interface GpuSlots {
  /** Indices of so many free ones. Throws `command_not_started`. */
  take(count: number, command: string): Promise<readonly number[]>;
  giveBack(taken: readonly number[]): void;
}

/** @param list the indices of the machine's GPUs */
export function createGpuSlots(list: () => Promise<readonly number[]> = listIndices): GpuSlots {
  const lent = new Set<number>();
  let all: Promise<readonly number[]> | undefined;

  return {
    async take(count, command) {
      if (count === 0) return [];
      all ??= list();
      const known = await all;
      const free = known.filter((index) => !lent.has(index));
      if (free.length < count) {
        const reason = `it wants ${count} GPUs, and of the ${known.length} of this machine ${free.length} are free`;
        throw fault('command_not_started', { command, reason });
      }
      const taken = free.slice(0, count);
      for (const index of taken) lent.add(index);
      return taken;
    },
    giveBack(taken) {
      for (const index of taken) lent.delete(index);
    },
  };
}

async function listIndices(): Promise<readonly number[]> {
  return (await listGpus()).map(({ index }) => index);
}
