import type { Blobs, Clock, EventReader, Folders, Ids, Log, Pythons } from '@pawl/core';
import type {
  ArtifactService,
  BackfillService,
  BulkService,
  AssessmentService,
  CheckService,
  CompareService,
  DatasetCompareService,
  DatasetNameService,
  DatasetService,
  DatasetUpkeepService,
  DvcService,
  ExperimentService,
  FeatureService,
  FolderService,
  FollowService,
  GateService,
  GcService,
  ImportService,
  LineageService,
  LoggedModelService,
  ModelCompareService,
  ModelService,
  MonitorService,
  PipelineService,
  ProfileService,
  ProjectService,
  RecordingService,
  RegistryService,
  RolloutService,
  RunService,
  SeriesService,
  TableService,
  StageService,
  TraceService,
  TrackingService,
  TriggerService,
  UploadService,
  WebhookService,
} from '@pawl/engine';

/** The use cases that the native API speaks to. */
export interface Services {
  readonly datasets: DatasetService;
  readonly datasetCompare: DatasetCompareService;
  readonly datasetNames: DatasetNameService;
  readonly datasetUpkeep: DatasetUpkeepService;
  readonly dvc: DvcService;
  readonly checks: CheckService;
  readonly profiles: ProfileService;
  readonly features: FeatureService;
  readonly runs: RunService;
  readonly experiments: ExperimentService;
  readonly experimentFolders: FolderService;
  readonly tracking: TrackingService;
  readonly recordings: RecordingService;
  readonly bulk: BulkService;
  readonly series: SeriesService;
  readonly compare: CompareService;
  readonly follows: FollowService;
  readonly runTables: TableService;
  readonly artifacts: ArtifactService;
  readonly uploads: UploadService;
  readonly loggedModels: LoggedModelService;
  readonly pipelines: PipelineService;
  readonly pythons: Pythons;
  readonly backfills: BackfillService;
  readonly traces: TraceService;
  readonly assessments: AssessmentService;
  readonly triggers: TriggerService;
  readonly models: ModelService;
  readonly modelCompare: ModelCompareService;
  readonly registry: RegistryService;
  readonly imports: ImportService;
  readonly webhooks: WebhookService;
  readonly gates: GateService;
  readonly stages: StageService;
  readonly rollouts: RolloutService;
  readonly monitors: MonitorService;
  readonly lineage: LineageService;
  readonly projects: ProjectService;
  readonly gc: GcService;
  readonly events: EventReader;
  /** Told after each commit that appended events. */
  readonly onEvents: (listener: () => void) => () => void;
}

/** What the native API needs beside them. */
export interface NativePorts {
  readonly blobs: Blobs;
  readonly folders: Folders;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}
