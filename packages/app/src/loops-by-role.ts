import type { EnvironmentInspector, Executor, FolderWatch, Notifier } from '@pawl/core';
import {
  createAlertNotifier,
  createCheckReactor,
  createBackfillRunner,
  createFeatureExpiry,
  createGateReactor,
  createIntake,
  createObserver,
  createReaper,
  createRecordingReaper,
  createReferences,
  createRequestExpiry,
  createRetentionLoop,
  createRolloutController,
  createRolloutReactor,
  createTriggerPoll,
  createTriggerReactor,
  createTriggerStarter,
  createWebhookDelivery,
  createWebhookOutbox,
  createWindowJudge,
  createWorker,
} from '@pawl/engine';
import type { AttemptPorts, Loop, RouteTable, Worker } from '@pawl/engine';
import { dropSpool, readSpool } from '@pawl/serving';
import type { Config } from './config/schema.ts';
import type { Services } from './http/native/services.ts';
import type { ServicePorts } from './services.ts';

export interface BackgroundPorts extends Omit<ServicePorts, 'models' | 'code'> {
  readonly services: Services;
  readonly routes: RouteTable;
  /** Names this process's home for life; no two processes hold one. */
  readonly homeId: string;
  readonly spoolFolder: string;
  readonly executor: Executor;
  readonly folderWatch: FolderWatch;
  readonly notifier: Notifier;
  readonly surroundings: AttemptPorts['surroundings'];
  readonly environments: EnvironmentInspector;
}

export interface Background {
  readonly loops: readonly Loop[];
  readonly worker: Worker | undefined;
  /** Takes in what the data plane left behind at the very end, so that a clean stop loses nothing. */
  drainIntake(): Promise<void>;
}

/** The background activities of a process, by the roles it plays. */
export function backgroundLoops(config: Config, ports: BackgroundPorts): Background {
  const { services, spoolFolder } = ports;
  const has = (role: Config['roles'][number]): boolean => config.roles.includes(role);
  const pipelines = { ...ports, pipelines: services.pipelines };
  const references = createReferences({ ...ports, datasets: services.datasets, profiles: services.profiles });
  const intake = createIntake({
    ...ports,
    source: {
      // Servers that share a database each have a spool of their own, and so a position of their own.
      name: `spool ${ports.homeId}`,
      read: (position, limit) => readSpool(spoolFolder, position, limit),
      forget: (position) => dropSpool(spoolFolder, position),
    },
  });
  // One name for the only server of a home: started again after a kill, it takes its own tasks back at once.
  const worker = has('worker')
    ? createWorker(
        { ...ports, datasets: services.datasets, machine: config.machine ?? null },
        {
          worker: `worker ${ports.homeId}`,
          leaseMs: config.leaseMs,
          slots: config.slots,
        },
      )
    : undefined;
  const loops: Loop[] = [];
  if (has('serving')) loops.push(ports.routes, intake);
  if (has('scheduler')) {
    loops.push(
      createCheckReactor({ ...ports, checks: services.checks, holder: ports.homeId }),
      createGateReactor({ ...ports, gates: services.gates, holder: ports.homeId }),
      createRolloutReactor({ ...ports, ...services }),
      createRolloutController({ ...ports, models: services.models }),
      createBackfillRunner(pipelines),
      createTriggerPoll(ports),
      createTriggerReactor(ports),
      createTriggerStarter(pipelines),
      createReaper({ ...ports, leaseMs: config.leaseMs }),
      createRecordingReaper(ports),
      createWebhookOutbox(ports),
      createWebhookDelivery({ ...ports, sender: ports.webhookSender }),
      createFeatureExpiry(ports),
      createRequestExpiry(ports),
      createRetentionLoop({ ...ports, holder: ports.homeId }),
    );
  }
  if (has('monitor')) {
    loops.push(
      createObserver({ ...ports, references }),
      createWindowJudge({ ...ports, references }),
      createAlertNotifier({ ...ports, serverUrl: () => ports.surroundings.server, holder: ports.homeId }),
    );
  }
  if (worker !== undefined) loops.push(worker);
  return {
    loops,
    worker,
    async drainIntake() {
      try {
        while (has('serving') && (await intake.tick()));
      } catch (error) {
        // Nothing is lost: the spool keeps it for the next start.
        ports.log.error({ err: error, loop: intake.name }, 'what was served last could not be taken in and waits in the spool');
      }
    },
  };
}
