import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface CheckFaults {
  suite_not_found: { name: string };
  suite_invalid: { where: string; problem: string };
  environment_not_found: { suite: string; environment: string; environments: readonly string[] };
}

export const checkFaults: FaultDefinitions<CheckFaults> = {
  suite_not_found: user(
    (d) => `There is no check suite "${d.name}"; apply the project that declares it, or list them with "pawl check list".`,
  ),
  suite_invalid: user((d) => `${d.where}: ${d.problem}`),
  environment_not_found: user((d) =>
    d.environments.length === 0
      ? `Suite "${d.suite}" names no environments; add "environments" to it, or ask without one.`
      : `Suite "${d.suite}" has no environment "${d.environment}"; it has ${d.environments.join(', ')}.`,
  ),
};
