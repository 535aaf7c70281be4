import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface CheckFaults {
  suite_not_found: { name: string };
}

export const checkFaults: FaultDefinitions<CheckFaults> = {
  suite_not_found: user(
    (d) => `There is no check suite "${d.name}"; apply the project that declares it, or list them with "pawl check list".`,
  ),
};
