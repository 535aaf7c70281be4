import { testAlertStore } from '../../packages/drivers/conformance/alert.ts';
import { testApprovalStore } from '../../packages/drivers/conformance/approval.ts';
import { testArtifactStore } from '../../packages/drivers/conformance/artifact.ts';
import { testCheckStore } from '../../packages/drivers/conformance/check.ts';
import { testDatabase } from '../../packages/drivers/conformance/database.ts';
import { testDatasetStore } from '../../packages/drivers/conformance/dataset.ts';
import { testDatasetNameStore } from '../../packages/drivers/conformance/dataset-name.ts';
import { testDatasetUses } from '../../packages/drivers/conformance/dataset-use.ts';
import { testDvcStore } from '../../packages/drivers/conformance/dvc.ts';
import { testEventStore } from '../../packages/drivers/conformance/event.ts';
import { testExperimentStore } from '../../packages/drivers/conformance/experiment.ts';
import { testFeatureStore } from '../../packages/drivers/conformance/feature.ts';
import { testGateStore } from '../../packages/drivers/conformance/gate.ts';
import { testGcStore } from '../../packages/drivers/conformance/gc.ts';
import type { Open } from '../../packages/drivers/conformance/harness.ts';
import { testImportStore } from '../../packages/drivers/conformance/import.ts';
import { testLeaseStore } from '../../packages/drivers/conformance/lease.ts';
import { testLoggedModelStore } from '../../packages/drivers/conformance/logged-model.ts';
import { testModelStore } from '../../packages/drivers/conformance/model.ts';
import { testModelSearch } from '../../packages/drivers/conformance/model-search.ts';
import { testMonitorStore } from '../../packages/drivers/conformance/monitor.ts';
import { testPipelineStore } from '../../packages/drivers/conformance/pipeline.ts';
import { testPredictionStore } from '../../packages/drivers/conformance/prediction.ts';
import { testProfileStore } from '../../packages/drivers/conformance/profile.ts';
import { testRecordingStore } from '../../packages/drivers/conformance/recording.ts';
import { testRetentionStore } from '../../packages/drivers/conformance/retention.ts';
import { testRolloutStore } from '../../packages/drivers/conformance/rollout.ts';
import { testMetricStore } from '../../packages/drivers/conformance/metric.ts';
import { testRunMoveStore } from '../../packages/drivers/conformance/run-move.ts';
import { testRunSearch } from '../../packages/drivers/conformance/run-search.ts';
import { testRunStore } from '../../packages/drivers/conformance/run.ts';
import { testSeriesReader } from '../../packages/drivers/conformance/series.ts';
import { testTaskStore } from '../../packages/drivers/conformance/task.ts';
import { testTraceStore } from '../../packages/drivers/conformance/trace.ts';
import { testTraceSearch } from '../../packages/drivers/conformance/trace-search.ts';
import { testTriggerStore } from '../../packages/drivers/conformance/trigger.ts';
import { testWebhookStore } from '../../packages/drivers/conformance/webhook.ts';

/** What every engine of the database port must pass. */
export const suites: Readonly<Record<string, (open: Open) => void>> = {
  database: testDatabase,
  event: testEventStore,
  import: testImportStore,
  lease: testLeaseStore,
  dataset: testDatasetStore,
  'dataset name': testDatasetNameStore,
  'dataset use': testDatasetUses,
  profile: testProfileStore,
  dvc: testDvcStore,
  check: testCheckStore,
  feature: testFeatureStore,
  experiment: testExperimentStore,
  run: testRunStore,
  'run move': testRunMoveStore,
  'run search': testRunSearch,
  metric: testMetricStore,
  series: testSeriesReader,
  artifact: testArtifactStore,
  loggedModel: testLoggedModelStore,
  pipeline: testPipelineStore,
  task: testTaskStore,
  model: testModelStore,
  'model search': testModelSearch,
  approval: testApprovalStore,
  gate: testGateStore,
  gc: testGcStore,
  recording: testRecordingStore,
  retention: testRetentionStore,
  rollout: testRolloutStore,
  prediction: testPredictionStore,
  monitor: testMonitorStore,
  alert: testAlertStore,
  trace: testTraceStore,
  'trace search': testTraceSearch,
  trigger: testTriggerStore,
  webhook: testWebhookStore,
};
