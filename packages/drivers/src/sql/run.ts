import { fault } from '@pawl/core';
import type { Artifact, CodeVersion, Digest, Metric, Run, RunRecord, RunStatus, RunStore } from '@pawl/core';
import { sql as raw } from 'kysely';
import type { Generated, Selectable } from 'kysely';
import { fromCursor, fromJson, toCursor, toJson, toPage } from './context.ts';
import type { Sql } from './context.ts';
import { toTextMaps } from './run-text.ts';

interface RunTable {
  readonly seq: Generated<number>;
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly status: RunStatus;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly code: string | null;
  readonly environment: string;
}
