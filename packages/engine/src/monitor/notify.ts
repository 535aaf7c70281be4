import type { Clock, Database, JsonObject, Log, Notifier } from '@pawl/core';
import type { Loop } from '../reactor/loop.ts';
import { createReactor, NotYet } from '../reactor/reactor.ts';

export interface NotifyPorts {
  readonly database: Database;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly log: Log;
  /** Where this server is reached, for the links in a message. */
  readonly serverUrl: () => string;
  /** Names this process: of those that share a database one sends. */
  readonly holder: string;
}

const ATTEMPTS = 8;
const BASE_MS = 1000;
const NEVER = '0001-01-01T00:00:00Z';

/**
 * Sends fired and resolved alerts to the monitor's webhook, in Alertmanager's webhook format, version 4. At least once, in order; after eight refusals over about four
 * minutes the message is given up, and the log says so.
 */
export function createAlertNotifier(ports: NotifyPorts): Loop {
  const { database, notifier, clock, log } = ports;
  let attempt = { event: '', count: 0, notBefore: 0 };

  return createReactor(ports, {
    name: 'alert notifier',
    types: ['alert.fired', 'alert.resolved'],
    exclusive: { holder: ports.holder, clock },
    async handle(event) {
      const alert = await database.read.alerts.get(event.data['alert'] as string);
      const url = (await database.read.monitors.spec(event.data['monitor'] as string))?.webhook ?? null;
      if (alert === undefined || url === null) return undefined;
      if (attempt.event !== event.id) attempt = { event: event.id, count: 0, notBefore: 0 };
      if (clock.now() < attempt.notBefore) throw new NotYet();
      const resolved = event.type === 'alert.resolved';
      const labels = {
        alertname: `pawl_${alert.kind}`,
        monitor: alert.monitor,
        model_version: String(alert.version),
        severity: alert.kind === 'quality' ? 'page' : 'ticket',
      };
      const one = {
        status: resolved ? 'resolved' : 'firing',
        labels,
        annotations: { summary: alert.summary },
        startsAt: new Date(alert.firedAt ?? alert.pendingAt).toISOString(),
        endsAt: resolved ? new Date(alert.resolvedAt ?? clock.now()).toISOString() : NEVER,
        generatorURL: `${ports.serverUrl()}/api/v1/alerts/${alert.id}`,
        fingerprint: alert.id.slice(-16),
      };
      const body: JsonObject = {
        version: '4',
        groupKey: `{}:{alertname="${labels.alertname}", monitor="${alert.monitor}"}`,
        truncatedAlerts: 0,
        status: one.status,
        receiver: 'pawl',
        groupLabels: { alertname: labels.alertname },
        commonLabels: labels,
        commonAnnotations: one.annotations,
        externalURL: ports.serverUrl(),
        alerts: [one],
      };
      try {
        await notifier.post(url, body, { 'x-pawl-event': event.id });
      } catch (error) {
        const count = attempt.count + 1;
        if (count < ATTEMPTS) {
          attempt = { event: event.id, count, notBefore: clock.now() + BASE_MS * 2 ** count };
          log.warn({ err: error, alert: alert.id, attempt: count }, 'an alert could not be delivered and will be sent again');
          throw new NotYet();
        }
        log.error({ err: error, alert: alert.id, attempts: count }, 'an alert could not be delivered and was given up');
      }
      return undefined;
    },
  });
}
