import { COST_METRIC, toCost, toTotalCost } from '@pawl/core';
import type { Clock, PriceTable, RunUsage, Writers } from '@pawl/core';

/** What a record of use is priced by. */
export interface Pricing {
  readonly clock: Clock;
  /** Null: nothing has a price. */
  readonly prices: PriceTable | null;
}

/** Writes what a command of a run used so far and what it costs, and brings the run's total up to date, a metric like any other to search, order and compare by. */
export async function recordUsage(tx: Writers, { clock, prices }: Pricing, usage: Omit<RunUsage, 'cost' | 'currency'>): Promise<void> {
  const cost = toCost(usage, usage.machine, prices);
  await tx.recordings.putUsage({ ...usage, cost, currency: cost === null ? null : (prices?.currency ?? null) });
  if (cost === null) return;
  const total = toTotalCost(await tx.recordings.usage(usage.run));
  if (total === null) return;
  const metric = { run: usage.run, key: COST_METRIC, value: total.amount, step: 0, time: clock.now() };
  await tx.runs.record(usage.run, { metrics: [metric] });
}
