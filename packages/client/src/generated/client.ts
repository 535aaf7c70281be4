// Written by scripts/generate-client.ts from the schemas of the native API; change those and run it again.
import type { Send } from '../request.ts';
import { createAlertClient } from './alert.ts';
import type { AlertClient } from './alert.ts';
import { createBackfillClient } from './backfill.ts';
import type { BackfillClient } from './backfill.ts';
import { createBlobClient } from './blob.ts';
import type { BlobClient } from './blob.ts';
import { createBranchClient } from './branch.ts';
import type { BranchClient } from './branch.ts';
import { createCheckClient } from './check.ts';
import type { CheckClient } from './check.ts';
import { createDatasetClient } from './dataset.ts';
import type { DatasetClient } from './dataset.ts';
import { createDvcClient } from './dvc.ts';
import type { DvcClient } from './dvc.ts';
import { createEventClient } from './event.ts';
import type { EventClient } from './event.ts';
import { createExperimentClient } from './experiment.ts';
import type { ExperimentClient } from './experiment.ts';
import { createExportClient } from './export.ts';
import type { ExportClient } from './export.ts';
import { createFeatureClient } from './feature.ts';
import type { FeatureClient } from './feature.ts';
import { createGateClient } from './gate.ts';
import type { GateClient } from './gate.ts';
import { createGcClient } from './gc.ts';
import type { GcClient } from './gc.ts';
import { createImportClient } from './import.ts';
import type { ImportClient } from './import.ts';
import { createLabelClient } from './label.ts';
import type { LabelClient } from './label.ts';
import { createLineageClient } from './lineage.ts';
import type { LineageClient } from './lineage.ts';
import { createModelClient } from './model.ts';
import type { ModelClient } from './model.ts';
import { createMonitorClient } from './monitor.ts';
import type { MonitorClient } from './monitor.ts';
import { createPipelineClient } from './pipeline.ts';
import type { PipelineClient } from './pipeline.ts';
import { createProjectClient } from './project.ts';
import type { ProjectClient } from './project.ts';
import { createRecordingClient } from './recording.ts';
import type { RecordingClient } from './recording.ts';
import { createRolloutClient } from './rollout.ts';
import type { RolloutClient } from './rollout.ts';
import { createRunClient } from './run.ts';
import type { RunClient } from './run.ts';
import { createRunsClient } from './runs.ts';
import type { RunsClient } from './runs.ts';
import { createTagClient } from './tag.ts';
import type { TagClient } from './tag.ts';
import { createTraceClient } from './trace.ts';
import type { TraceClient } from './trace.ts';
import { createTriggerClient } from './trigger.ts';
import type { TriggerClient } from './trigger.ts';

export interface NativeClient {
  readonly alert: AlertClient;
  readonly backfill: BackfillClient;
  readonly blob: BlobClient;
  readonly branch: BranchClient;
  readonly check: CheckClient;
  readonly dataset: DatasetClient;
  readonly dvc: DvcClient;
  readonly event: EventClient;
  readonly experiment: ExperimentClient;
  readonly export: ExportClient;
  readonly feature: FeatureClient;
  readonly gate: GateClient;
  readonly gc: GcClient;
  readonly import: ImportClient;
  readonly label: LabelClient;
  readonly lineage: LineageClient;
  readonly model: ModelClient;
  readonly monitor: MonitorClient;
  readonly pipeline: PipelineClient;
  readonly project: ProjectClient;
  readonly recording: RecordingClient;
  readonly rollout: RolloutClient;
  readonly run: RunClient;
  readonly runs: RunsClient;
  readonly tag: TagClient;
  readonly trace: TraceClient;
  readonly trigger: TriggerClient;
}

export function createNativeClient(send: Send): NativeClient {
  return {
    alert: createAlertClient(send),
    backfill: createBackfillClient(send),
    blob: createBlobClient(send),
    branch: createBranchClient(send),
    check: createCheckClient(send),
    dataset: createDatasetClient(send),
    dvc: createDvcClient(send),
    event: createEventClient(send),
    experiment: createExperimentClient(send),
    export: createExportClient(send),
    feature: createFeatureClient(send),
    gate: createGateClient(send),
    gc: createGcClient(send),
    import: createImportClient(send),
    label: createLabelClient(send),
    lineage: createLineageClient(send),
    model: createModelClient(send),
    monitor: createMonitorClient(send),
    pipeline: createPipelineClient(send),
    project: createProjectClient(send),
    recording: createRecordingClient(send),
    rollout: createRolloutClient(send),
    run: createRunClient(send),
    runs: createRunsClient(send),
    tag: createTagClient(send),
    trace: createTraceClient(send),
    trigger: createTriggerClient(send),
  };
}
