import type { Clock, Database, Ids } from '@pawl/core';
import { Conflict } from '../conflict.ts';
import type { Loop } from '../reactor/loop.ts';
import { expire } from './requests.ts';

const AT_ONCE = 100;

/** Ends requests that nobody decided on in time. */
export function createRequestExpiry(ports: { readonly database: Database; readonly clock: Clock; readonly ids: Ids }): Loop {
  const { database, clock } = ports;
  return {
    name: 'request expiry',
    async tick() {
      const overdue = await database.read.approvals.overdue(clock.now(), AT_ONCE);
      try {
        for (const request of overdue) await database.transaction((tx) => expire(ports, tx, request));
      } catch (error) {
        // Somebody decided on it, or another server ended it, in the meantime.
        if (!(error instanceof Conflict)) throw error;
      }
      return overdue.length === AT_ONCE;
    },
  };
}
