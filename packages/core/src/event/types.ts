import type { JsonObject } from '../ports/json.ts';

/** What may happen, `<noun>.<past tense>`. The same rows are outbox, audit trail and lineage. */
export type EventType =
  | 'dataset.created'
  | 'dataset.version_created'
  | 'check.completed'
  | 'feature.view_defined'
  | 'run.created'
  | 'run.ended'
  | 'pipeline.defined'
  | 'pipeline.run_created'
  | 'pipeline.run_ended'
  | 'task.changed'
  | 'model.version_registered'
  | 'model.stage_changed'
  | 'model.alias_set'
  | 'gate.defined'
  | 'gate.decided'
  | 'gate.forced'
  | 'endpoint.changed'
  | 'rollout.defined'
  | 'rollout.started'
  | 'rollout.advanced'
  | 'rollout.promoted'
  | 'rollout.rolled_back'
  | 'rollout.superseded'
  | 'rollout.held'
  | 'monitor.defined'
  | 'drift.detected'
  | 'quality.changed'
  | 'label.joined'
  | 'alert.pending'
  | 'alert.fired'
  | 'alert.resolved'
  | 'trigger.defined'
  | 'trigger.decided';

export interface NewEvent {
  readonly id: string;
  readonly type: EventType;
  /** What it is about, `<noun>/<name>[/<version>]`. */
  readonly subject: string;
  readonly time: number;
  /** Who or what did it: `user:<name>` or `system:<reactor>`. */
  readonly actor: string;
  readonly data: JsonObject;
}

export interface Event extends NewEvent {
  /** Grows by commit order: a reader that has seen `seq` never misses a smaller one. */
  readonly seq: number;
}
