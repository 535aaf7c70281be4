import { fault } from '@pawl/core';
import type { CodeVersion, Metric, Run, RunStatus, RunStore } from '@pawl/core';
import { createArtifactStore } from './artifact.ts';
import { fromCursor, fromJson, toCursor, toJson, toPage, touched } from './context.ts';
import type { Sql } from './context.ts';
import { recordRun } from './run-record.ts';
import type { RunRecordTables } from './run-record.ts';

interface RunTable {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly status: RunStatus;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly code: string | null;
  readonly environment: string;
}

export interface RunTables extends RunRecordTables {
  readonly run: RunTable;
}

type Texts = Readonly<Record<string, string>>;

export function createRunStore(sql: Sql): RunStore {
  const { db } = sql;

  /** The params or tags of each run named. */
  async function textsOf(table: 'run_param' | 'run_tag', runs: readonly string[]): Promise<ReadonlyMap<string, Texts>> {
    const rows = runs.length === 0 ? [] : await db.selectFrom(table).selectAll().where('run', 'in', runs).orderBy('key').execute();
    const byRun = Map.groupBy(rows, (row) => row.run);
    // fromEntries defines own members, so that a key such as "__proto__" is one like any other.
    return new Map([...byRun].map(([run, own]) => [run, Object.fromEntries(own.map(({ key, value }) => [key, value]))]));
  }

  async function toRuns(rows: readonly RunTable[]): Promise<readonly Run[]> {
    const ids = rows.map((row) => row.id);
    const params = await textsOf('run_param', ids);
    const tags = await textsOf('run_tag', ids);
    return rows.map((row) => toRun(row, params.get(row.id) ?? {}, tags.get(row.id) ?? {}));
  }

  return {
    async get(id) {
      const rows = await db.selectFrom('run').selectAll().where('id', '=', id).execute();
      return (await toRuns(rows))[0];
    },

    async list(experiment, page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = db
        .selectFrom('run')
        .selectAll()
        .orderBy('started_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1);
      if (experiment !== undefined) query = query.where('experiment', '=', experiment);
      if (after !== undefined) query = query.where((eb) => eb(eb.refTuple('started_at', 'id'), '<', eb.tuple(after[0], after[1])));
      const found = toPage(
        await query.execute(),
        page.limit,
        (row) => row,
        (row) => toCursor(row.started_at, row.id),
      );
      return { ...found, items: await toRuns(found.items) };
    },

    async inputs(run) {
      const rows = await db
        .selectFrom('run_input')
        .select(['dataset', 'version', 'role'])
        .where('run', '=', run)
        .orderBy('dataset')
        .orderBy('version')
        .orderBy('role')
        .execute();
      return rows.map((row) => ({ ...row }));
    },

    async latestMetrics(run) {
      const rows = await db
        .selectFrom((eb) =>
          eb
            .selectFrom('run_metric')
            .selectAll()
            .select((each) =>
              each.fn
                .agg<number>('row_number')
                .over((over) =>
                  over.partitionBy('key').orderBy('step', 'desc').orderBy('time', 'desc').orderBy('nan', 'desc').orderBy('value', 'desc'),
                )
                .as('place'),
            )
            .where('run', '=', run)
            .as('ranked'),
        )
        .select(['run', 'key', 'step', 'time', 'value', 'nan'])
        .where('place', '=', 1)
        .orderBy('key')
        .execute();
      return rows.map(toMetric);
    },

    async metricHistory(run, key) {
      const rows = await db
        .selectFrom('run_metric')
        .selectAll()
        .where('run', '=', run)
        .where('key', '=', key)
        .orderBy('step')
        .orderBy('time')
        .orderBy('value')
        .orderBy('nan')
        .execute();
      return rows.map(toMetric);
    },

    async artifacts(run) {
      const files = await createArtifactStore(sql).below({ tree: `run/${run}`, path: '' });
      return files.map((file) => ({ run, ...file }));
    },

    async insert({ startedAt, endedAt, code, environment, params, tags, ...run }) {
      const inserted = await db
        .insertInto('run')
        .values({
          ...run,
          started_at: startedAt,
          ended_at: endedAt,
          code: code === null ? null : toJson(code),
          environment: toJson(environment),
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
      if (!touched(inserted)) throw fault('write_conflict', { what: `Run ${run.id}` });
      await recordRun(sql, run.id, { params, tags });
    },

    async end(id, status, at) {
      const ended = await db
        .updateTable('run')
        .set({ status, ended_at: at })
        .where('id', '=', id)
        .where('status', '=', 'running')
        .execute();
      return touched(ended);
    },

    async reopen(id) {
      const reopened = await db
        .updateTable('run')
        .set({ status: 'running', ended_at: null })
        .where('id', '=', id)
        .where('status', '!=', 'running')
        .execute();
      return touched(reopened);
    },

    async record(id, what) {
      const run = await db.selectFrom('run').select('id').where('id', '=', id).executeTakeFirst();
      if (run === undefined) throw fault('run_not_found', { id });
      await recordRun(sql, id, what);
    },
  };
}

function toRun({ started_at, ended_at, code, environment, ...row }: RunTable, params: Texts, tags: Texts): Run {
  return {
    ...row,
    startedAt: started_at,
    endedAt: ended_at,
    code: code === null ? null : fromJson<CodeVersion>(code),
    environment: fromJson<Texts>(environment),
    params,
    tags,
  };
}

function toMetric(row: RunRecordTables['run_metric']): Metric {
  const { run, key, value, step, time, nan } = row;
  return { run, key, value: nan === 1 ? Number.NaN : value, step, time };
}
