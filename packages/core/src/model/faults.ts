import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface ModelFaults {
  model_not_found: { name: string };
  model_version_not_found: { name: string; version: string };
  model_package_invalid: { problem: string };
  model_not_gated: { name: string; version: number; verdict: string };
}

export const modelFaults: FaultDefinitions<ModelFaults> = {
  model_not_found: user((d) => `There is no model "${d.name}"; list them with "pawl model list".`),
  model_version_not_found: user(
    (d) => `Model "${d.name}" has no version or alias ${d.version}; list them with "pawl model show ${d.name}".`,
  ),
  model_package_invalid: user((d) => `The model package cannot be registered: ${d.problem}`),
  model_not_gated: user(
    (d) =>
      `Version ${d.version} of model "${d.name}" may not enter Production: its gate says ${d.verdict}. Force it with --force --reason, which is recorded.`,
  ),
};
