import type { AlertTables } from './alert.ts';
import type { ApprovalTables } from './approval.ts';
import type { ArrivalTables } from './arrival.ts';
import type { ArtifactTables } from './artifact.ts';
import type { BackfillTables } from './backfill.ts';
import type { CheckTables } from './check.ts';
import type { DatasetTables } from './dataset.ts';
import type { DatasetNameTables } from './dataset-name.ts';
import type { DvcTables } from './dvc.ts';
import type { EventTables } from './event.ts';
import type { ExperimentTables } from './experiment.ts';
import type { FeatureTables } from './feature.ts';
import type { GateTables } from './gate.ts';
import type { GcTables } from './gc.ts';
import type { ImportTables } from './import.ts';
import type { LeaseTables } from './lease.ts';
import type { LoggedModelTables } from './logged-model.ts';
import type { MetricTables } from './metric.ts';
import type { ModelTables } from './model.ts';
import type { MonitorTables } from './monitor.ts';
import type { PipelineTables } from './pipeline.ts';
import type { PredictionTables } from './prediction.ts';
import type { ProfileTables } from './profile.ts';
import type { RecordingTables } from './recording.ts';
import type { RolloutTables } from './rollout.ts';
import type { RunTables } from './run.ts';
import type { TaskTables } from './task.ts';
import type { TraceTables } from './trace.ts';
import type { TriggerTables } from './trigger.ts';
import type { WebhookTables } from './webhook.ts';

/** Every table, as both engines have it; each noun declares its own. */
export interface Schema
  extends
    AlertTables,
    ApprovalTables,
    ArrivalTables,
    ArtifactTables,
    BackfillTables,
    CheckTables,
    DatasetTables,
    DatasetNameTables,
    DvcTables,
    EventTables,
    ExperimentTables,
    FeatureTables,
    GateTables,
    GcTables,
    ImportTables,
    LeaseTables,
    LoggedModelTables,
    MetricTables,
    ModelTables,
    MonitorTables,
    PipelineTables,
    PredictionTables,
    ProfileTables,
    RecordingTables,
    RolloutTables,
    RunTables,
    TaskTables,
    TraceTables,
    TriggerTables,
    WebhookTables {}
