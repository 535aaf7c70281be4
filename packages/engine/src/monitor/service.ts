import { fault } from '@pawl/core';
import type { Alert, AlertState, Clock, Database, Ids, Label, MonitorSpec, MonitorWindow, Page, PageRequest, Writers } from '@pawl/core';
import { toEvent } from '../event.ts';

export interface MonitorPorts {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface MonitorService {
  define(tx: Writers, spec: MonitorSpec): Promise<void>;
  specs(): Promise<readonly MonitorSpec[]>;
  spec(name: string): Promise<MonitorSpec>;
  /** Newest first. */
  windows(monitor: string, version: number | undefined, limit: number): Promise<readonly MonitorWindow[]>;
  alerts(filter: { readonly monitor?: string; readonly state?: AlertState }, page: PageRequest): Promise<Page<Alert>>;
  alert(id: string): Promise<Alert>;
  /** Durable when it resolves. Labels may come before their prediction, twice, or corrected: the newest by its own time counts. */
  label(labels: readonly Label[]): Promise<void>;
}

export function createMonitorService(ports: MonitorPorts): MonitorService {
  const { database } = ports;

  const spec = async (name: string): Promise<MonitorSpec> => {
    const found = await database.read.monitors.spec(name);
    if (found === undefined) throw fault('monitor_not_found', { name });
    return found;
  };

  return {
    spec,
    specs: () => database.read.monitors.specs(),
    alerts: (filter, page) => database.read.alerts.list(filter, page),
    async define(tx, definition) {
      await tx.monitors.putSpec(definition);
      await tx.events.append([
        toEvent(ports, 'monitor.defined', `monitor/${definition.name}`, 'system:apply', {
          monitor: definition.name,
          endpoint: definition.endpoint,
        }),
      ]);
    },
    async windows(monitor, version, limit) {
      await spec(monitor);
      return database.read.monitors.windows(monitor, version, limit);
    },
    async alert(id) {
      const found = await database.read.alerts.get(id);
      if (found === undefined) throw fault('alert_not_found', { id });
      return found;
    },
    async label(labels) {
      if (labels.length === 0) return;
      await database.transaction((tx) => tx.predictions.putLabels(labels));
    },
  };
}
