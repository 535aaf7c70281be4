import type { Migration } from '../migrate.ts';
import { migration as eventLease } from './0001-event-lease.ts';
import { migration as datasetCheck } from './0002-dataset-check.ts';
import { migration as feature } from './0003-feature.ts';
import { migration as experiment } from './0004-experiment.ts';

/** In the order they are applied. */
export const migrations: readonly Migration[] = [eventLease, datasetCheck, feature, experiment];
