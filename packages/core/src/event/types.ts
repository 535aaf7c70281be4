import type { JsonObject } from '../ports/json.ts';

/** What may happen, `<noun>.<past tense>`. The same rows are outbox, audit trail and lineage. */
export type EventType =
  | 'dataset.created'
  | 'dataset.version_created'
  | 'dataset.version_expired'
  | 'dataset.tagged'
  | 'dataset.untagged'
  | 'dataset.branch_created'
  | 'dataset.branch_removed'
  | 'dataset.md5_collision'
  | 'check.completed'
  | 'feature.view_defined'
  | 'experiment.created'
  | 'experiment.renamed'
  | 'experiment.moved'
  | 'experiment.deleted'
  | 'experiment.restored'
  | 'run.created'
  | 'run.changed'
  | 'run.ended'
  | 'run.moved'
  | 'run.deleted'
  | 'run.restored'
  | 'import.recorded'
  | 'pipeline.defined'
  | 'pipeline.run_created'
  | 'pipeline.run_changed'
  | 'pipeline.run_ended'
  | 'task.changed'
  | 'model.created'
  | 'model.changed'
  | 'model.renamed'
  | 'model.deleted'
  | 'model.tag_set'
  | 'model.tag_deleted'
  | 'logged_model.created'
  | 'logged_model.changed'
  | 'logged_model.deleted'
  | 'model.version_registered'
  | 'model.version_changed'
  | 'model.version_deleted'
  | 'model.version_tag_set'
  | 'model.version_tag_deleted'
  | 'model.stage_changed'
  | 'model.policy_defined'
  | 'model.move_requested'
  | 'model.move_granted'
  | 'model.move_refused'
  | 'model.move_withdrawn'
  | 'model.move_expired'
  | 'model.alias_set'
  | 'model.alias_deleted'
  | 'gc.ended'
  | 'webhook.created'
  | 'webhook.changed'
  | 'webhook.deleted'
  | 'gate.defined'
  | 'gate.decided'
  | 'gate.forced'
  | 'rollout.defined'
  | 'rollout.started'
  | 'rollout.advanced'
  | 'rollout.promoted'
  | 'rollout.rolled_back'
  | 'rollout.superseded'
  | 'rollout.held'
  | 'monitor.defined'
  | 'drift.detected'
  | 'alert.pending'
  | 'alert.fired'
  | 'alert.resolved'
  | 'trace.assessed'
  | 'trace.deleted'
  | 'trigger.defined'
  | 'trigger.decided'
  | 'backfill.created'
  | 'backfill.changed';

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
