import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface TriggerFaults {
  trigger_not_found: { name: string };
}

export const triggerFaults: FaultDefinitions<TriggerFaults> = {
  trigger_not_found: user((d) => `There is no trigger "${d.name}"; list them with "pawl pipeline triggers".`),
};
