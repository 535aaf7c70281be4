import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface BackfillFaults {
  backfill_not_found: { id: string };
  backfill_invalid: { pipeline: string; problem: string };
  backfill_over: { id: string; state: string; wanted: string };
}

export const backfillFaults: FaultDefinitions<BackfillFaults> = {
  backfill_not_found: user((d) => `There is no backfill ${d.id}; list them with "pawl pipeline backfills".`),
  backfill_invalid: user((d) => `The backfill of pipeline "${d.pipeline}" cannot start: ${d.problem}`),
  backfill_over: user((d) => `Backfill ${d.id} is ${d.state} and cannot be ${d.wanted}.`),
};
