import type {
  Blobs,
  Calendar,
  Clock,
  CodeInspector,
  Database,
  Folders,
  Hash,
  Ids,
  Log,
  Md5,
  PriceTable,
  Pythons,
  Random,
  RetentionPolicy,
  SecretBox,
  Tables,
  WebhookSender,
} from '@pawl/core';
import {
  createArtifactService,
  createBackfillService,
  createBulkService,
  createAssessmentService,
  createCheckService,
  createCompareService,
  createDatasetCompareService,
  createDatasetNameService,
  createDatasetService,
  createDatasetUpkeepService,
  createDvcService,
  createExperimentService,
  createFeatureService,
  createFolderService,
  createFollowService,
  createGateService,
  createGcService,
  createImportService,
  createLineageService,
  createLoggedModelService,
  createModelCompareService,
  createModelService,
  createMonitorService,
  createPipelineService,
  createProfileService,
  createProjectService,
  createRecordingService,
  createRegistryService,
  createRolloutService,
  createRunService,
  createSeriesService,
  createTableService,
  createStageService,
  createTraceService,
  createTrackingService,
  createTriggerService,
  createUploadService,
  createWebhookService,
  datasetReferences,
  deletedCollectors,
  judgedDatasets,
  profileCollector,
  dvcReferences,
  modelReferences,
  recordReferences,
  taskReferences,
} from '@pawl/engine';
import type { Services } from './http/native/services.ts';
import type { ModelStore } from './model-source.ts';
import { createShare } from './share.ts';

/** Followers of one run that look at it within so long read it once together. */
const SHARED_MS = 200;

export interface ServicePorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly folders: Folders;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly ids: Ids;
  readonly random: Random;
  readonly hash: Hash;
  readonly md5: Md5;
  readonly log: Log;
  readonly models: ModelStore;
  readonly code: CodeInspector;
  readonly environment: Readonly<Record<string, string>>;
  /** Root URI of the artifacts of experiments that name no location of their own. */
  readonly artifactRoot: string;
  readonly retention: RetentionPolicy;
  readonly webhookSender: WebhookSender;
  readonly secrets: SecretBox;
  readonly pythons: Pythons;
  /** Null: nothing has a price. */
  readonly prices: PriceTable | null;
}

/** The use cases, each given just what it uses. */
export function createServices(ports: ServicePorts): Services {
  const plainDatasets = createDatasetService(ports);
  const checks = createCheckService({ ...ports, datasets: plainDatasets });
  const datasets = judgedDatasets(plainDatasets, checks);
  const datasetCompare = createDatasetCompareService({ ...ports, datasets });
  const datasetNames = createDatasetNameService({ ...ports, datasets });
  const datasetUpkeep = createDatasetUpkeepService({ ...ports, datasets });
  const dvc = createDvcService({ ...ports, datasets });
  const profiles = createProfileService({ ...ports, datasets });
  const features = createFeatureService({ ...ports, datasets });
  const runs = createRunService(ports);
  const experiments = createExperimentService(ports);
  const experimentFolders = createFolderService(ports);
  const tracking = createTrackingService(ports);
  const recordings = createRecordingService(ports);
  const bulk = createBulkService(ports);
  const series = createSeriesService(ports);
  const compare = createCompareService(ports);
  const follows = createFollowService({ ...ports, share: createShare(SHARED_MS) });
  const runTables = createTableService(ports);
  const artifacts = createArtifactService(ports);
  const uploads = createUploadService(ports);
  const loggedModels = createLoggedModelService(ports);
  const pipelines = createPipelineService({ ...ports, datasets });
  const backfills = createBackfillService({ ...ports, pipelines });
  const traces = createTraceService(ports);
  const assessments = createAssessmentService(ports);
  const triggers = createTriggerService(ports);
  const models = createModelService({ ...ports, verifyPackage: (manifest) => ports.models.verify(manifest) });
  const modelCompare = createModelCompareService({ ...ports, models, signatureOf: (manifest) => ports.models.signatureOf(manifest) });
  const registry = createRegistryService({ ...ports, models, artifacts, loggedModels });
  const imports = createImportService({ ...ports, artifacts, loggedModels, models });
  const webhooks = createWebhookService({ ...ports, sender: ports.webhookSender });
  const gates = createGateService({ ...ports, datasets, evaluator: ports.models });
  const rollouts = createRolloutService({ ...ports, models });
  const stages = createStageService({ ...ports, rollouts });
  const monitors = createMonitorService(ports);
  const lineage = createLineageService(ports);
  const projects = createProjectService({ ...ports, checks, features, pipelines, triggers, gates, stages, rollouts, monitors });
  const gc = createGcService({
    ...ports,
    references: [
      datasetReferences(ports),
      dvcReferences(ports.database),
      modelReferences(ports),
      taskReferences(ports),
      ...recordReferences(ports.database),
    ],
    collectors: [...deletedCollectors(ports.database), profileCollector(ports.database)],
  });
  return {
    datasets,
    datasetCompare,
    datasetNames,
    datasetUpkeep,
    dvc,
    checks,
    profiles,
    features,
    runs,
    experiments,
    experimentFolders,
    tracking,
    recordings,
    bulk,
    series,
    compare,
    follows,
    runTables,
    artifacts,
    uploads,
    loggedModels,
    pipelines,
    pythons: ports.pythons,
    backfills,
    traces,
    assessments,
    triggers,
    models,
    modelCompare,
    registry,
    imports,
    webhooks,
    gates,
    stages,
    rollouts,
    monitors,
    lineage,
    projects,
    gc,
    events: ports.database.read.events,
    onEvents: (listener) => ports.database.onEvents(listener),
  };
}
