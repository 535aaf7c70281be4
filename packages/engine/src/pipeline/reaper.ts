import type { Clock, Database, Hash, Ids, Log } from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import type { Loop } from '../reactor/loop.ts';
import { createControl } from './control.ts';
import { moveTask } from './move.ts';

const BATCH = 100;

export interface ReaperPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  readonly log: Log;
  /** Of the workers' leases; they renew theirs each third of it. */
  readonly leaseMs: number;
}

/**
 * Takes back tasks whose worker has gone silent. Whoever runs it, and however many do, the effect is the same.
 * A lease is taken for dead only at a second look, half a lease later: after a jump of the clock (a machine that slept, simulated time), and where the worker's clock is behind this
 * one, every lease looks old, and a worker that lives renews its own in between.
 */
export function createReaper(ports: ReaperPorts): Loop {
  const { database, clock, log, leaseMs } = ports;
  /** When each expired lease was first seen. */
  const control = createControl(ports);
  let suspects: ReadonlyMap<string, number> = new Map();

  const stopOverdue = async (now: number): Promise<void> => {
    for (const run of await database.read.pipelines.overdue(now, BATCH)) {
      const limit = (run.spec.timeoutMs ?? 0) / 1000;
      await control.cancel(run.id, 'system:reaper', `The run took longer than its timeout of ${limit} s and was stopped.`);
      log.warn({ run: run.id, pipeline: run.pipeline }, 'a run took longer than its timeout');
    }
  };

  return {
    name: 'reaper',
    async tick() {
      const now = clock.now();
      const expired = await database.read.tasks.leased({ endedBefore: now }, BATCH);
      const seen = new Map<string, number>();
      for (const task of expired) {
        const claim = `${task.id}/${task.fence}/${task.leaseUntil}`;
        const since = suspects.get(claim) ?? now;
        if (now - since < leaseMs / 2) {
          seen.set(claim, since);
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
      await stopOverdue(now);
      return false;
    },
  };
}
