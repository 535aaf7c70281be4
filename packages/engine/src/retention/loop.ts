import type { GcLine, Log } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { sweepOld } from './sweep.ts';
import type { SweepPorts } from './sweep.ts';

export interface RetentionPorts extends SweepPorts {
  readonly log: Log;
  /** Names the process; no two that run at once have one name. */
  readonly holder: string;
}

/** Between two looks; also how long a server has been up before its first, so that a start is not slowed. */
const EVERY_MS = 3_600_000;

/** Once an hour, on one server of a database, removes what is older than is to be kept. */
export function createRetentionLoop(ports: RetentionPorts): Loop {
  const { database, clock, log, holder } = ports;
  let nextAt = clock.now() + EVERY_MS;
  let sweep: AsyncGenerator<string, readonly GcLine[]> | undefined;

  return {
    name: 'retention',
    async tick() {
      if (sweep === undefined) {
        const now = clock.now();
        if (now < nextAt) return false;
        nextAt = now + EVERY_MS;
        // Kept until the next look is due, so that the servers of a database do not do each other's work again.
        if ((await database.transaction((tx) => tx.leases.acquire('retention', holder, now, now + EVERY_MS / 2))) === undefined)
          return false;
        sweep = sweepOld(ports, false);
      }
      try {
        const step = await sweep.next();
        if (step.done !== true) return true;
        const removed = Object.fromEntries(step.value.filter((line) => line.removed > 0).map((line) => [line.kind, line.removed]));
        if (Object.keys(removed).length > 0) log.info({ removed }, 'removed what is older than is to be kept');
      } catch (error) {
        sweep = undefined;
        throw error;
      }
      sweep = undefined;
      return false;
    },
  };
}
