import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface FeatureFaults {
  view_not_found: { name: string };
}

export const featureFaults: FaultDefinitions<FeatureFaults> = {
  view_not_found: user((d) => `There is no feature view "${d.name}"; list them with "pawl feature list".`),
};
