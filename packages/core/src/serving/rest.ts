/** A model in memory. */
export interface Resident {
  /** What it takes of memory. */
  readonly bytes: number;
  /** When it was asked last, on any clock. */
  readonly usedAt: number;
  /** Whether it is answering, so that it must stay. */
  readonly busy: boolean;
}

/**
 * Which models go so that the rest fit `budget` bytes: those not asked for longest first, none that is busy. What must stay may be more than the budget. 0: no limit.
 */
export function chooseToRest<Model extends Resident>(models: readonly Model[], budget: number): readonly Model[] {
  let total = models.reduce((sum, { bytes }) => sum + bytes, 0);
  if (budget === 0 || total <= budget) return [];
  const gone: Model[] = [];
  for (const model of models.filter(({ busy }) => !busy).toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (total <= budget) break;
    gone.push(model);
    total -= model.bytes;
  }
  return gone;
}
