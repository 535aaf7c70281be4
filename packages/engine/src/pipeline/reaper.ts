import type { Clock, Database, Ids, Log } from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import type { Loop } from '../reactor/loop.ts';
import { moveTask } from './move.ts';

const BATCH = 100;

/**
 * Takes back tasks whose worker has gone silent. Whoever runs it, and however many do, the effect is the same.
 * A lease is taken for dead only at the second look: after a jump of the clock (a machine that slept, simulated time) every lease looks old, and a worker
 * that lives renews its own in between.
 */
export function createReaper(ports: { readonly database: Database; readonly clock: Clock; readonly ids: Ids; readonly log: Log }): Loop {
  const { database, clock, log } = ports;
  let suspects = new Set<string>();

  return {
    name: 'reaper',
    async tick() {
      const expired = await database.read.tasks.expired(clock.now(), BATCH);
      const seen = new Set<string>();
      for (const task of expired) {
        const claim = `${task.id}/${task.fence}/${task.leaseUntil}`;
        if (!suspects.has(claim)) {
          seen.add(claim);
          continue;
        }
        const moved = await retryOnConflict(`Task ${task.id}`, () =>
          database.transaction(async (tx) => {
            // Renewed since it was read: its worker lives.
            if ((await tx.tasks.get(task.id))?.leaseUntil !== task.leaseUntil) return undefined;
            return moveTask(tx, ports, task.id, { type: 'lose', fence: task.fence }, 'system:reaper');
          }),
        );
        if (moved !== undefined)
          log.warn({ task: task.id, run: task.run, step: task.step, worker: task.worker, state: moved.state }, 'a task lost its worker');
      }
      suspects = seen;
      return false;
    },
  };
}
