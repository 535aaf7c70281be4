import type { Migration } from '../migrate.ts';
import { migration as eventLease } from './0001-event-lease.ts';
import { migration as datasetCheck } from './0002-dataset-check.ts';
import { migration as feature } from './0003-feature.ts';
import { migration as experiment } from './0004-experiment.ts';
import { migration as pipeline } from './0005-pipeline.ts';
import { migration as modelGate } from './0006-model-gate.ts';
import { migration as rollout } from './0007-rollout.ts';
import { migration as prediction } from './0008-prediction.ts';
import { migration as monitorAlertTrigger } from './0009-monitor-alert-trigger.ts';
import { migration as tracking } from './0010-tracking.ts';
import { migration as registry } from './0011-registry.ts';
import { migration as artifact } from './0012-artifact.ts';
import { migration as speed } from './0013-speed.ts';
import { migration as trace } from './0014-trace.ts';
import { migration as imports } from './0015-import.ts';
import { migration as folder } from './0016-folder.ts';
import { migration as record } from './0017-record.ts';
import { migration as approval } from './0018-approval.ts';
import { migration as dataset } from './0019-dataset.ts';
import { migration as check } from './0020-check.ts';
import { migration as dvc } from './0021-dvc.ts';
import { migration as retention } from './0023-retention.ts';
import { migration as profile } from './0025-profile.ts';
import { migration as graph } from './0026-graph.ts';
import { migration as models } from './0031-models.ts';
import { migration as schedule } from './0029-schedule.ts';

/** In the order they are applied. */
export const migrations: readonly Migration[] = [
  eventLease,
  datasetCheck,
  feature,
  experiment,
  pipeline,
  modelGate,
  rollout,
  prediction,
  monitorAlertTrigger,
  tracking,
  registry,
  artifact,
  speed,
  trace,
  imports,
  folder,
  record,
  approval,
  dataset,
  check,
  dvc,
  retention,
  profile,
  graph,
  models,
  schedule,
];
