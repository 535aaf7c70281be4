import type { CodeVersion, Lifecycle, RunHead, RunStatus } from '@pawl/core';
import { fault } from '@pawl/core';
import { CompiledQuery, sql } from 'kysely';
import type { Generated, Insertable, RawBuilder, Selectable } from 'kysely';
import { fromJson, toJson } from './context.ts';
import type { Sql } from './context.ts';
import { toUnheard } from './unheard.ts';

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
  return engine === 'sqlite' ? { number: sql<number>`(${sql.raw(NEXT_NUMBER)})` } : {};
}

const NEXT_NUMBER = 'select coalesce(max(number), 0) + 1 from run';

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

/**
 * Adds the row of a run. Its number, where the engine tells it at once; on PostgreSQL nobody waits for it. Throws `write_conflict` for an id that is taken, there
 * at the end of the transaction.
 */
export async function insertRun({ db, engine }: Sql, run: RunHead): Promise<number | undefined> {
  const row = fromHead(run);
  const columns = Object.keys(row);
  const values = Object.values(row);
  if (engine === 'postgres') {
    const places = columns.map((_, at) => `$${at + 1}`).join(', ');
    await db.executeQuery(toUnheard(`insert into run (${columns.join(', ')}) values (${places})`, values));
    return undefined;
  }
  const text = `insert into run (${columns.join(', ')}, number) values (${'?, '.repeat(columns.length)}(${NEXT_NUMBER}))
    on conflict (id) do nothing returning number`;
  const { rows } = await db.executeQuery<{ readonly number: number }>(CompiledQuery.raw(text, values));
  const [inserted] = rows;
  if (inserted === undefined) throw fault('write_conflict', { what: `Run ${run.id}` });
  return inserted.number;
}
