import type { FastifyInstance } from 'fastify';
import type { Blobs, Clock, Database, Folders, Ids, Log } from '@pawl/core';
import type {
  CheckService,
  DatasetService,
  FeatureService,
  GateService,
  LineageService,
  ModelService,
  MonitorService,
  PipelineService,
  ProjectService,
  RolloutService,
  RunService,
  TriggerService,
} from '@pawl/engine';
import { alertRoutes } from './alert.ts';
import { mountArtifactUpload } from './artifact.ts';
import { blobRoutes, mountBlobTransfer } from './blob.ts';
import { checkRoutes } from './check.ts';
import { datasetRoutes } from './dataset.ts';
import { answerErrors } from './errors.ts';
import { eventRoutes, mountEventStream } from './event.ts';
import { experimentRoutes } from './experiment.ts';
import { featureRoutes, mountFeatureJoin } from './feature.ts';
import { gateRoutes } from './gate.ts';
import { labelRoutes } from './label.ts';
import { lineageRoutes } from './lineage.ts';
import { modelRoutes } from './model.ts';
import { monitorRoutes } from './monitor.ts';
import { toOpenApi } from './openapi.ts';
import { pipelineRoutes } from './pipeline.ts';
import { mountProjectSchemas, projectRoutes } from './project.ts';
import { rolloutRoutes } from './rollout.ts';
import { mountRoutes } from './route.ts';
import type { Route } from './route.ts';
import { createEventStreams } from './sse.ts';
import { mountTaskLogStream } from './task-log.ts';
import { triggerRoutes } from './trigger.ts';

/** Everything the native API answers from. */
export interface Services {
  readonly blobs: Blobs;
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly datasets: DatasetService;
  readonly checks: CheckService;
  readonly features: FeatureService;
  readonly runs: RunService;
  readonly pipelines: PipelineService;
  readonly triggers: TriggerService;
  readonly models: ModelService;
  readonly gates: GateService;
  readonly rollouts: RolloutService;
  readonly monitors: MonitorService;
  readonly lineage: LineageService;
  readonly projects: ProjectService;
}

/** Every operation with JSON on both sides, in the order of the loop. */
export function nativeRoutes(services: Services): readonly Route[] {
  return [
    ...projectRoutes(services),
    ...blobRoutes(services),
    ...datasetRoutes(services),
    ...checkRoutes(services),
    ...featureRoutes(services),
    ...experimentRoutes(services),
    ...pipelineRoutes(services),
    ...triggerRoutes(services),
    ...modelRoutes(services),
    ...gateRoutes(services),
    ...rolloutRoutes(services),
    ...labelRoutes(services),
    ...monitorRoutes(services),
    ...alertRoutes(services),
    ...eventRoutes(services),
    ...lineageRoutes(services),
  ];
}

/** Answers everything under /api: the operations, the streams, and the documents that describe them. */
export function mountNative(server: FastifyInstance, services: Services, ports: { readonly folders: Folders; readonly log: Log }): void {
  void server.register(
    async (scope) => {
      answerErrors(scope, { ...ports, ids: services.ids });
      const routes = nativeRoutes(services);
      const streams = createEventStreams(scope);
      const document = toOpenApi(routes);
      mountRoutes(scope, routes);
      mountBlobTransfer(scope, services);
      mountFeatureJoin(scope, { ...services, ...ports });
      mountArtifactUpload(scope, services);
      mountEventStream(scope, { ...services, ...ports, streams });
      mountTaskLogStream(scope, { ...services, ...ports, streams });
      mountProjectSchemas(scope);
      scope.get('/openapi.json', async () => document);
    },
    { prefix: '/api' },
  );
}
