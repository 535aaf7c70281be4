export * from './create.ts';
export * from './error.ts';
export * from './pages.ts';
export { toUnreachable } from './request.ts';
export type { CallOptions, ClientOptions, QueryValue } from './request.ts';
export type { ServerEvent } from './events.ts';
export type { CheckInfer, CheckRun } from './generated/check.ts';
export type { DatasetManifest, DatasetProfile, DatasetVersion } from './generated/dataset.ts';
export type { LineagePrediction } from './generated/lineage.ts';
export type { PipelineRun } from './generated/pipeline.ts';
export type { ProjectApplyInput } from './generated/project.ts';
export type { RecordingGet, RecordingOpen, RecordingOpenInput, RecordingReportInput } from './generated/recording.ts';
export type { RunLogsItem } from './generated/run.ts';
export type { RolloutGet } from './generated/rollout.ts';
export type {
  DataLineage,
  Event,
  GateDecision,
  GcRun,
  ModelLineage,
  ModelVersion,
  Rollout,
  StageMove,
  StageRequest,
} from './generated/types.ts';
export type { TraceGet } from './generated/trace.ts';
