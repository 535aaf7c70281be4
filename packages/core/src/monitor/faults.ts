import { operational, user } from '../fault/define.ts';
import type { FaultDefinitions } from '../fault/define.ts';

export interface MonitorFaults {
  monitor_not_found: { name: string };
  alert_not_found: { id: string };
  webhook_failed: { url: string; reason: string };
}

export const monitorFaults: FaultDefinitions<MonitorFaults> = {
  monitor_not_found: user((d) => `There is no monitor "${d.name}"; list them with "pawl monitor list".`),
  alert_not_found: user((d) => `There is no alert ${d.id}; list them with "pawl alert list".`),
  webhook_failed: operational((d) => `The webhook ${d.url} did not take the message: ${d.reason}.`),
};
