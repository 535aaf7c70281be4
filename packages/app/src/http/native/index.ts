import type { FastifyInstance } from 'fastify';
import { alertRoutes } from './alert.ts';
import { mountArtifactUpload } from './artifact.ts';
import { backfillRoutes } from './backfill.ts';
import { blobRoutes, mountBlobFetch, mountBlobTransfer, mountStoreOffer } from './blob.ts';
import { checkRoutes } from './check.ts';
import { datasetRoutes } from './dataset.ts';
import { mountDatasetContent } from './dataset-content.ts';
import { datasetDiffRoutes } from './dataset-diff.ts';
import { datasetNameRoutes } from './dataset-name.ts';
import { datasetUpkeepRoutes } from './dataset-upkeep.ts';
import { dvcRoutes } from './dvc.ts';
import { answerErrors } from './errors.ts';
import { eventRoutes, mountEventStream } from './event.ts';
import { experimentRoutes } from './experiment.ts';
import { experimentFolderRoutes } from './experiment-folder.ts';
import { featureRoutes, mountFeatureJoin } from './feature.ts';
import { gateRoutes } from './gate.ts';
import { gcRoutes } from './gc.ts';
import { importRoutes } from './import.ts';
import { labelRoutes } from './label.ts';
import { lineageRoutes } from './lineage.ts';
import { modelCompareRoutes } from './model-compare.ts';
import { modelRoutes } from './model.ts';
import { monitorRoutes } from './monitor.ts';
import { toOpenApi } from './openapi.ts';
import { pipelineRunRoutes } from './pipeline-run.ts';
import { pipelineRoutes } from './pipeline.ts';
import { pythonEnvironmentRoutes } from './python-environment.ts';
import { pipelineControlRoutes } from './pipeline-control.ts';
import { mountProjectSchemas, projectRoutes } from './project.ts';
import { profileRoutes } from './profile.ts';
import { recordingRoutes } from './recording.ts';
import { rolloutRoutes } from './rollout.ts';
import { mountRunLogStream, runLogRoutes } from './run-log.ts';
import { runBulkRoutes } from './run-bulk.ts';
import { mountRunTable, runTableRoutes } from './run-table.ts';
import { runModelRoutes } from './run-model.ts';
import { runSeriesRoutes } from './run-series.ts';
import { runCompareRoutes } from './run-compare.ts';
import { mountRunTail } from './run-tail.ts';
import { runSearchRoutes } from './run-search.ts';
import { mountRoutes } from './route.ts';
import type { Route } from './route.ts';
import type { NativePorts, Services } from './services.ts';
import { createEventStreams } from './sse.ts';
import { mountTaskLogStream } from './task-log.ts';
import { stageRoutes } from './stage.ts';
import { traceRoutes } from './trace.ts';
import { mountTriggerMessages, triggerRoutes } from './trigger.ts';

/** Every operation with JSON on both sides, in the order of the loop. */
export function nativeRoutes(services: Services & NativePorts): readonly Route[] {
  return [
    ...projectRoutes(services),
    ...blobRoutes(services),
    ...datasetRoutes(services),
    ...datasetDiffRoutes(services),
    ...datasetNameRoutes(services),
    ...datasetUpkeepRoutes(services),
    ...profileRoutes(services),
    ...dvcRoutes(services),
    ...checkRoutes(services),
    ...featureRoutes(services),
    ...experimentFolderRoutes(services),
    ...experimentRoutes(services),
    ...runModelRoutes(services),
    ...runSearchRoutes(services),
    ...recordingRoutes(services),
    ...runLogRoutes(services),
    ...traceRoutes(services),
    ...importRoutes(services),
    ...runBulkRoutes(services),
    ...runTableRoutes(services),
    ...runSeriesRoutes(services),
    ...runCompareRoutes(services),
    ...pipelineRoutes(services),
    ...pipelineRunRoutes(services),
    ...pythonEnvironmentRoutes(services),
    ...pipelineControlRoutes(services),
    ...triggerRoutes(services),
    ...backfillRoutes(services),
    ...modelRoutes(services),
    ...modelCompareRoutes(services),
    ...stageRoutes(services),
    ...gateRoutes(services),
    ...rolloutRoutes(services),
    ...labelRoutes(services),
    ...monitorRoutes(services),
    ...alertRoutes(services),
    ...eventRoutes(services),
    ...lineageRoutes(services),
    ...gcRoutes(services),
  ];
}

/** Answers everything under /api: the operations, the streams, and the documents that describe them. */
export function mountNative(server: FastifyInstance, services: Services, ports: NativePorts): void {
  void server.register(
    async (scope) => {
      answerErrors(scope, ports);
      const everything = { ...services, ...ports };
      const routes = nativeRoutes(everything);
      const document = toOpenApi(routes);
      const streaming = { ...everything, streams: createEventStreams(scope) };
      mountRoutes(scope, routes);
      mountBlobTransfer(scope, ports);
      mountRunTable(scope, everything);
      mountRunTail(scope, streaming);
      mountBlobFetch(scope, ports);
      mountStoreOffer(scope, ports);
      mountDatasetContent(scope, everything);
      mountFeatureJoin(scope, everything);
      mountArtifactUpload(scope, services);
      mountTriggerMessages(scope, services);
      mountEventStream(scope, streaming);
      mountTaskLogStream(scope, streaming);
      mountRunLogStream(scope, streaming);
      mountProjectSchemas(scope);
      scope.get('/openapi.json', async () => document);
    },
    { prefix: '/api' },
  );
}
