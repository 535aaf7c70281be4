import type { InsertResult, UpdateResult } from 'kysely';

/** Whether an insert that yields to what is there put its row in. */
export function inserted(results: readonly InsertResult[]): boolean {
  return (results[0]?.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Whether a compare-and-set found the row as expected. */
export function updated(results: readonly UpdateResult[]): boolean {
  return (results[0]?.numUpdatedRows ?? 0n) > 0n;
}
