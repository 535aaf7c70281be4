import { operational, user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface WebhookFaults {
  webhook_not_found: { id: string };
  webhook_invalid: { problem: string };
  secret_unreadable: { problem: string };
}

export const webhookFaults: FaultDefinitions<WebhookFaults> = {
  webhook_not_found: user((d) => `Webhook with ID ${d.id} not found.`),
  webhook_invalid: user((d) => d.problem),
  secret_unreadable: operational((d) => `A stored secret cannot be read: ${d.problem}. Give the server the key, or set the secret again.`),
};
