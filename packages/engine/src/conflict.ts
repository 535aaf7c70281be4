import { fault } from '@pawl/core';

const ATTEMPTS = 20;

/** Signals, inside a transaction, that a compare-and-set lost: the transaction rolls back and the work is done again on fresh data. */
export class Conflict extends Error {
  override readonly name: string = 'Conflict';
}

/** Runs `work` again while it ends in a `Conflict`; throws `write_conflict` naming `what` when it keeps losing. */
export async function retryOnConflict<T>(what: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      if (attempt === ATTEMPTS) throw fault('write_conflict', { what }, error);
    }
  }
}

/** Throws `Conflict` unless a compare-and-set was won. */
export function expectWon(won: boolean): void {
  if (!won) throw new Conflict();
}
