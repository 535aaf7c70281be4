import { fault } from '@pawl/core';
import type { DatasetUse, Lifecycle, Run, RunStore } from '@pawl/core';
import { sql as raw } from 'kysely';
import { createArtifactStore } from './artifact.ts';
import { forBulk, fromCursor, toCursor, toPage, touched } from './context.ts';
import type { Sql } from './context.ts';
import { toMetric } from './metric.ts';
import { toDetails, toLatest, toTexts } from './run-detail.ts';
import { recordRun, recordTexts } from './run-record.ts';
import type { RunKey, RunRecordTables } from './run-record.ts';
import { insertRun, toHead } from './run-row.ts';
import type { RunRow, RunTable } from './run-row.ts';
import { searchRuns } from './run-search.ts';
import { toNumberList } from './search/ids.ts';

export interface RunTables extends RunRecordTables {
  readonly run: RunTable;
}

export function createRunStore(sql: Sql): RunStore {
  const { db } = sql;
  const bulk = forBulk(sql);

  /** Runs that this transaction has looked at: most are, before they are written to. */
  const seen = new Map<string, RunKey>();

  async function rowsOf(id: string): Promise<RunRow[]> {
    const rows = await db.selectFrom('run').selectAll().where('id', '=', id).execute();
    if (sql.bulk === undefined) for (const { number, experiment } of rows) seen.set(id, { id, number, experiment });
    return rows;
  }

  const keyOf = async (id: string): Promise<RunKey | undefined> =>
    seen.get(id) ?? db.selectFrom('run').select(['id', 'number', 'experiment']).where('id', '=', id).executeTakeFirst();

  async function toRuns(from: Sql, rows: readonly RunRow[]): Promise<readonly Run[]> {
    const params = await toTexts(from, 'run_param', rows);
    const tags = await toTexts(from, 'run_tag', rows);
    return rows.map((row) => ({ ...toHead(row), params: params.get(row.number) ?? {}, tags: tags.get(row.number) ?? {} }));
  }

  return {
    get: async (id) => (await toRuns(sql, await rowsOf(id)))[0],
    detail: async (id) => (await toDetails(sql, await rowsOf(id)))[0],
    search: (request) => searchRuns(bulk, request),

    async head(id) {
      const [row] = await rowsOf(id);
      return row && toHead(row);
    },

    async list(experiment, page) {
      const after = fromCursor(page, ['number', 'string']);
      let query = bulk.db
        .selectFrom('run')
        .selectAll()
        .where('lifecycle', '=', 'active')
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
      return { ...found, items: await toRuns(bulk, found.items) };
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

    async datasets(experiments, most) {
      const { rows } = await raw<DatasetUse>`
        select distinct experiment, name, digest, context from run_dataset
        where experiment in ${toNumberList(sql.engine, experiments)} order by experiment, name, digest, context limit ${most}`.execute(
        bulk.db,
      );
      return rows.map((row) => ({ ...row }));
    },

    async latestMetrics(run) {
      const key = await keyOf(run);
      return (key && (await toLatest(sql, [key])).get(key.number)) ?? [];
    },

    async metricHistory(run, key) {
      const rows = await bulk.db
        .selectFrom('run_metric')
        .selectAll()
        .where('run', '=', run)
        .where('key', '=', key)
        .orderBy('step')
        .orderBy('time')
        .orderBy('nan')
        .orderBy('value')
        .execute();
      return rows.map(toMetric);
    },

    async artifacts(run) {
      const files = await createArtifactStore(sql).below({ tree: `run/${run}`, path: '' });
      return files.map((file) => ({ run, ...file }));
    },

    async insert({ params, tags, ...run }) {
      const number = await insertRun(sql, run);
      if (number !== undefined) seen.set(run.id, { id: run.id, number, experiment: run.experiment });
      await recordTexts(sql, { id: run.id, experiment: run.experiment, number: number ?? 0 }, { params, tags });
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

    async update(id, { name, status, endedAt }) {
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(status === undefined ? {} : { status }),
        ...(endedAt === undefined ? {} : { ended_at: endedAt }),
      };
      if (Object.keys(change).length > 0) await db.updateTable('run').set(change).where('id', '=', id).execute();
    },

    async move(id, to, at) {
      const change = { lifecycle: to, fell: 0, deleted_at: to === 'deleted' ? at : null };
      await db.updateTable('run').set(change).where('id', '=', id).execute();
    },

    async moveAll(experiment, to, at) {
      const from: Lifecycle = to === 'active' ? 'deleted' : 'active';
      let update = db
        .updateTable('run')
        .set({ lifecycle: to, fell: to === 'deleted' ? 1 : 0, deleted_at: to === 'deleted' ? at : null })
        .where('experiment', '=', experiment)
        .where('lifecycle', '=', from);
      if (to === 'active') update = update.where('fell', '=', 1);
      await update.execute();
    },

    async record(id, what) {
      const key = await keyOf(id);
      if (key === undefined) throw fault('run_not_found', { id });
      await recordRun(sql, key, what);
    },

    async deleteTag(id, name) {
      const key = await keyOf(id);
      if (key === undefined) return false;
      const deleted = await db.deleteFrom('run_tag').where('run', '=', key.number).where('key', '=', name).executeTakeFirst();
      return deleted.numDeletedRows > 0n;
    },
  };
}
