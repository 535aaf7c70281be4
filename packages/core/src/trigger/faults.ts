import { user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface TriggerFaults {
  trigger_not_found: { name: string };
  trigger_invalid: { name: string; problem: string };
  trigger_not_webhook: { name: string; kind: string };
  trigger_without_secret: { name: string };
  signature_refused: { name: string; problem: string };
}

export const triggerFaults: FaultDefinitions<TriggerFaults> = {
  trigger_not_found: user((d) => `There is no trigger "${d.name}"; list them with "pawl pipeline triggers".`),
  trigger_invalid: user((d) => `Trigger "${d.name}": ${d.problem}`),
  trigger_not_webhook: user((d) => `Trigger "${d.name}" waits for ${d.kind}, not for a webhook, so nothing can be posted to it.`),
  trigger_without_secret: user(
    (d) =>
      `Trigger "${d.name}" has no secret yet, so no message can prove where it is from; make one with "pawl pipeline trigger-secret ${d.name}".`,
  ),
  signature_refused: user((d) => `The message to trigger "${d.name}" is refused: ${d.problem}.`),
};
