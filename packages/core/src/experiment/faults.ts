import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface ExperimentFaults {
  experiment_not_found: { name: string };
  run_not_found: { id: string };
  run_ended: { id: string; status: string };
}

export const experimentFaults: FaultDefinitions<ExperimentFaults> = {
  experiment_not_found: user((d) => `There is no experiment "${d.name}"; list them with "pawl run experiments".`),
  run_not_found: user((d) => `There is no run ${d.id}; list them with "pawl run list".`),
  run_ended: user((d) => `Run ${d.id} has ended (${d.status}) and takes no more records.`),
};
