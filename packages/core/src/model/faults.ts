import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface ModelFaults {
  model_not_found: { name: string };
  /** `wanted` and `existing` are `registered model` or `prompt`: both are models, and share one space of names. */
  model_exists: { name: string; wanted: string; existing: string };
  model_version_not_found: { name: string; version: string };
  model_alias_not_found: { name: string; alias: string };
  model_package_invalid: { problem: string };
  model_package_missing: { name: string; version: number };
  model_refused: { problem: string };
  model_source_invalid: { source: string; problem: string };
  model_not_gated: { name: string; version: number; verdict: string };
  model_governed: { name: string; act: string };
  model_version_in_use: { name: string; version: number; where: string };
}

export const modelFaults: FaultDefinitions<ModelFaults> = {
  model_not_found: user((d) => `There is no model "${d.name}"; list them with "pawl model list".`),
  model_exists: user((d) => `The name "${d.name}" is taken by a ${d.existing} already; choose another name for the ${d.wanted}.`),
  model_version_not_found: user(
    (d) => `Model "${d.name}" has no version or alias ${d.version}; list them with "pawl model show ${d.name}".`,
  ),
  model_alias_not_found: user((d) => `Model "${d.name}" has no alias "${d.alias}"; list them with "pawl model show ${d.name}".`),
  model_package_invalid: user((d) => `The model package cannot be registered: ${d.problem}`),
  model_package_missing: user(
    (d) => `Version ${d.version} of model "${d.name}" has no files on this server; register it with the folder that mlflow saved.`,
  ),
  model_refused: user((d) => d.problem),
  model_source_invalid: user((d) => `Invalid model version source: '${d.source}'. ${d.problem}`),
  model_not_gated: user(
    (d) =>
      `Version ${d.version} of model "${d.name}" may not enter Production: its gate says ${d.verdict}. Force it with --force --reason, which is recorded.`,
  ),
  model_governed: user(
    (d) => `Model "${d.name}" is governed by a project's gate or rollout and cannot be ${d.act}; take it out of the project's files first.`,
  ),
  model_version_in_use: user(
    (d) => `Version ${d.version} of model "${d.name}" answers at endpoint "${d.where}" and cannot be deleted; roll out another one first.`,
  ),
};
