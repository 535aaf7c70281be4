import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface GateFaults {
  gate_not_found: { model: string };
  gate_no_evaluation: { model: string; version: number };
  gate_undecided: { model: string; version: number };
}

export const gateFaults: FaultDefinitions<GateFaults> = {
  gate_not_found: user((d) => `No gate is declared for model "${d.model}"; add one under gates/ and run "pawl apply".`),
  gate_no_evaluation: user(
    (d) => `Version ${d.version} of model "${d.model}" names no evaluation data; register it with --evaluation dataset:version.`,
  ),
  gate_undecided: user((d) => `No gate has decided on version ${d.version} of model "${d.model}" yet.`),
};
