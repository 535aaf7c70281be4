/**
 * How many requests at the head of a queue run together: as many as fit `maxRows` rows, in order, and always the first, however large it is.
 * `rows` are the row counts of the requests that wait.
 */
export function planBatch(rows: readonly number[], maxRows: number): number {
  let total = 0;
  let count = 0;
  for (const size of rows) {
    total += size;
    if (count > 0 && total > maxRows) break;
    count += 1;
  }
  return count;
}
