import type { CodeVersion, Lifecycle, RunHead, RunStatus } from '@pawl/core';
import { sql } from 'kysely';
import type { Generated, Insertable, RawBuilder, Selectable } from 'kysely';
import { fromJson, toJson } from './context.ts';
import type { Sql } from './context.ts';

export interface RunTable {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly status: RunStatus;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly code: string | null;
  readonly environment: string;
  readonly user_id: string;
  readonly lifecycle: Lifecycle;
  readonly fell: number;
  readonly artifact_uri: string;
  /** Null while it is active. */
  readonly deleted_at: number | null;
  /** What its params, tags and latest metrics are keyed by; see migration 0013. */
  readonly number: Generated<number>;
}

export type RunRow = Selectable<RunTable>;

/** The next number, where the engine gives none by itself. */
export function nextNumber(engine: Sql['engine']): { readonly number?: RawBuilder<number> } {
  return engine === 'sqlite' ? { number: sql<number>`(select coalesce(max(number), 0) + 1 from run)` } : {};
}

export function toHead(row: RunRow): RunHead {
  return {
    id: row.id,
    experiment: row.experiment,
    name: row.name,
    status: row.status,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    code: row.code === null ? null : fromJson<CodeVersion>(row.code),
    environment: row.environment === '{}' ? {} : fromJson<Readonly<Record<string, string>>>(row.environment),
    user: row.user_id,
    lifecycle: row.lifecycle,
    artifactUri: row.artifact_uri,
  };
}

export function fromHead(run: RunHead): Insertable<RunTable> {
  return {
    id: run.id,
    experiment: run.experiment,
    name: run.name,
    status: run.status,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    code: run.code === null ? null : toJson(run.code),
    environment: toJson(run.environment),
    user_id: run.user,
    lifecycle: run.lifecycle,
    fell: 0,
    artifact_uri: run.artifactUri,
    deleted_at: null,
  };
}
