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
  model_needs_approval: { name: string; version: number; target: string; request: string; approvers: string };
  model_rollout_begun: { name: string; version: number; endpoints: string };
  model_force_denied: { name: string; actor: string; who: string };
  model_production_full: { name: string; most: number };
  stage_request_not_found: { id: string };
  stage_request_ended: { id: string; state: string };
  stage_request_denied: { id: string; actor: string; problem: string };
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
      `Version ${d.version} of model "${d.name}" may not enter Production: its gate says ${d.verdict}. Who may can force it with --force --reason, which is recorded.`,
  ),
  model_governed: user(
    (d) => `Model "${d.name}" is governed by a project's gate or rollout and cannot be ${d.act}; take it out of the project's files first.`,
  ),
  model_version_in_use: user(
    (d) => `Version ${d.version} of model "${d.name}" answers at endpoint "${d.where}" ; roll out another one first.`,
  ),
  model_needs_approval: user(
    (d) =>
      `Version ${d.version} of model "${d.name}" waits for approval to ${d.target}: request ${d.request}. ${d.approvers} can grant it with "pawl model approve ${d.request}".`,
  ),
  model_rollout_begun: user(
    (d) =>
      `Version ${d.version} of model "${d.name}" is not in Production yet: it is on its way there by rollout at ${d.endpoints}; follow it with "pawl rollout status".`,
  ),
  model_force_denied: user((d) => `${d.actor} may not overrule the gate of model "${d.name}"; its project lets ${d.who} do so.`),
  model_production_full: user(
    (d) =>
      `Model "${d.name}" has ${d.most} versions in Production, which is the most it may have; archive one first, or archive the others with the move.`,
  ),
  stage_request_not_found: user((d) => `There is no request ${d.id}; list them with "pawl model requests".`),
  stage_request_ended: user((d) => `Request ${d.id} is over: it was ${d.state}. Make another one.`),
  stage_request_denied: user((d) => `${d.actor} may not decide on request ${d.id}: ${d.problem}.`),
};
