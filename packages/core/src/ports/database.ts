import type { AlertReader, AlertStore, MonitorReader, MonitorStore } from '../monitor/store.ts';
import type { ApprovalReader, ApprovalStore } from '../model/approval-store.ts';
import type { ArtifactReader, ArtifactStore } from '../artifact/store.ts';
import type { BackfillReader, BackfillStore } from '../backfill/store.ts';
import type { CheckReader, CheckStore } from '../check/store.ts';
import type { DatasetNameReader, DatasetNameStore, DatasetReader, DatasetStore, DatasetUseReader } from '../dataset/store.ts';
import type { ProfileReader, ProfileStore } from '../dataset/profile-store.ts';
import type { DvcReader, DvcStore } from '../dvc/store.ts';
import type { EventReader, EventStore } from '../event/store.ts';
import type {
  ExperimentReader,
  ExperimentStore,
  MetricReader,
  RunMoveStore,
  RunReader,
  RunStore,
  SeriesReader,
} from '../experiment/store.ts';
import type { EventType } from '../event/types.ts';
import type { FeatureReader, FeatureStore } from '../feature/store.ts';
import type { GateReader, GateStore } from '../gate/store.ts';
import type { GcReader, GcStore } from '../gc/store.ts';
import type { ImportReader, ImportStore } from '../import/store.ts';
import type { LeaseReader, LeaseStore } from '../lease/store.ts';
import type { LoggedModelReader, LoggedModelStore } from '../logged-model/store.ts';
import type { ModelReader, ModelStore } from '../model/store.ts';
import type { PipelineReader, PipelineStore, TaskReader, TaskStore } from '../pipeline/store.ts';
import type { PredictionReader, PredictionStore } from '../serving/store.ts';
import type { RecordingReader, RecordingStore } from '../recording/store.ts';
import type { RetentionReader, RetentionStore } from '../retention/store.ts';
import type { RolloutReader, RolloutStore } from '../rollout/store.ts';
import type { TraceReader, TraceStore } from '../trace/store.ts';
import type { ArrivalReader, ArrivalStore, TriggerReader, TriggerStore } from '../trigger/store.ts';
import type { WebhookReader, WebhookStore } from '../webhook/store.ts';

/** Reading side of every noun's store. */
export interface Readers {
  readonly events: EventReader;
  readonly leases: LeaseReader;
  readonly datasets: DatasetReader;
  readonly datasetNames: DatasetNameReader;
  readonly datasetUses: DatasetUseReader;
  readonly profiles: ProfileReader;
  readonly dvc: DvcReader;
  readonly checks: CheckReader;
  readonly features: FeatureReader;
  readonly experiments: ExperimentReader;
  readonly runs: RunReader;
  readonly metrics: MetricReader;
  readonly series: SeriesReader;
  readonly artifacts: ArtifactReader;
  readonly loggedModels: LoggedModelReader;
  readonly recordings: RecordingReader;
  readonly imports: ImportReader;
  readonly pipelines: PipelineReader;
  readonly tasks: TaskReader;
  readonly models: ModelReader;
  readonly approvals: ApprovalReader;
  readonly gates: GateReader;
  readonly retention: RetentionReader;
  readonly rollouts: RolloutReader;
  readonly predictions: PredictionReader;
  readonly monitors: MonitorReader;
  readonly alerts: AlertReader;
  readonly traces: TraceReader;
  readonly triggers: TriggerReader;
  readonly arrivals: ArrivalReader;
  readonly backfills: BackfillReader;
  readonly webhooks: WebhookReader;
  readonly gc: GcReader;
}

/** What a transaction may write. */
export interface Writers {
  readonly events: EventStore;
  readonly leases: LeaseStore;
  readonly datasets: DatasetStore;
  readonly datasetNames: DatasetNameStore;
  readonly datasetUses: DatasetUseReader;
  readonly profiles: ProfileStore;
  readonly dvc: DvcStore;
  readonly checks: CheckStore;
  readonly features: FeatureStore;
  readonly experiments: ExperimentStore;
  readonly runs: RunStore;
  readonly runMoves: RunMoveStore;
  readonly metrics: MetricReader;
  readonly series: SeriesReader;
  readonly artifacts: ArtifactStore;
  readonly loggedModels: LoggedModelStore;
  readonly recordings: RecordingStore;
  readonly imports: ImportStore;
  readonly pipelines: PipelineStore;
  readonly tasks: TaskStore;
  readonly models: ModelStore;
  readonly approvals: ApprovalStore;
  readonly gates: GateStore;
  readonly retention: RetentionStore;
  readonly rollouts: RolloutStore;
  readonly predictions: PredictionStore;
  readonly monitors: MonitorStore;
  readonly alerts: AlertStore;
  readonly traces: TraceStore;
  readonly triggers: TriggerStore;
  readonly arrivals: ArrivalStore;
  readonly backfills: BackfillStore;
  readonly webhooks: WebhookStore;
  readonly gc: GcStore;
}

/** Hears of which types the events were; undefined where that is not known. */
export type EventListener = (types: ReadonlySet<EventType> | undefined) => void;

export interface Database {
  readonly read: Readers;
  /**
   * Runs `work` in one transaction: all of it or nothing, durable when it resolves. Inside, only `tx` may be used, and nothing but the database awaited.
   * A thrown error rolls back and is thrown on. Transactions are serialisable: each sees the others whole or not at all, in some one order. `work` may run
   * again from the start when the engine finds that it lost to another, so it changes nothing outside `tx`.
   */
  transaction<T>(work: (tx: Writers) => Promise<T>): Promise<T>;
  /**
   * The same for a short write that many clients send: it may share its transaction with others that come at the same time, after those of the same key that came
   * before and side by side with those of other keys, so the key names all that it both reads and writes. Another's error is not its own.
   */
  shared<T>(key: string, work: (tx: Writers) => Promise<T>): Promise<T>;
  /** Called after each commit (of this process, and of others where the engine tells) that appended events. */
  onEvents(listener: EventListener): () => void;
  close(): Promise<void>;
}
