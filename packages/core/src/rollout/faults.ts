import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface RolloutFaults {
  endpoint_not_found: { name: string };
  rollout_not_found: { id: string };
  rollout_not_declared: { endpoint: string };
  rollout_ended: { id: string; state: string };
  rollout_needs_gate: { model: string; version: number; verdict: string };
  rollout_needs_approval: { model: string; version: number };
}

export const rolloutFaults: FaultDefinitions<RolloutFaults> = {
  endpoint_not_found: user((d) => `There is no endpoint "${d.name}"; list them with "pawl rollout endpoints".`),
  rollout_not_found: user((d) => `There is no rollout ${d.id}; list them with "pawl rollout list".`),
  rollout_not_declared: user((d) => `No rollout is declared for endpoint "${d.endpoint}"; add one under rollouts/ and run "pawl apply".`),
  rollout_ended: user((d) => `Rollout ${d.id} has ended (${d.state}).`),
  rollout_needs_gate: user(
    (d) => `Version ${d.version} of model "${d.model}" may not roll out: its gate says ${d.verdict}. Force the gate with a reason first.`,
  ),
  rollout_needs_approval: user(
    (d) =>
      `Version ${d.version} of model "${d.model}" rolls out once its move to Production is approved: ask for it with "pawl model request ${d.model} ${d.version} production".`,
  ),
};
