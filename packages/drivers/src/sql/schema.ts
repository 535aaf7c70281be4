import type { CheckTables } from './check.ts';
import type { DatasetTables } from './dataset.ts';
import type { EventTables } from './event.ts';
import type { ExperimentTables } from './experiment.ts';
import type { FeatureTables } from './feature.ts';
import type { LeaseTables } from './lease.ts';
import type { RunTables } from './run.ts';

/** Every table, as both engines have it; each noun declares its own. */
export interface Schema extends CheckTables, DatasetTables, EventTables, ExperimentTables, FeatureTables, LeaseTables, RunTables {}
