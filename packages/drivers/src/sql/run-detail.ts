import type { LoggedDataset, Metric, ModelOutput, RunColumns, RunDetail } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { fromJson } from './context.ts';
import type { Sql } from './context.ts';
import { toHead } from './run-row.ts';
import type { RunTable } from './run-row.ts';
import { toTextList } from './search/ids.ts';

type Texts = Readonly<Record<string, string>>;

/** What was logged to runs, in a few reads for all of them; of each kind all, or only the keys that `columns` names. */
export async function toDetails(context: Sql, rows: readonly RunTable[], columns: RunColumns = {}): Promise<readonly RunDetail[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const params = await toTexts(context, 'run_param', ids, columns.params);
  const tags = await toTexts(context, 'run_tag', ids, columns.tags);
  const metrics = await toLatest(context, ids, columns.metrics);
  const datasets = columns.links === false ? new Map<string, LoggedDataset[]>() : await toDatasets(context, ids);
  const models = columns.links === false ? new Map<string, ModelLink[]>() : await toModels(context, ids);
  return rows.map((row) => {
    const { id } = row;
    const own = models.get(id) ?? [];
    return {
      run: { ...toHead(row), params: params.get(id) ?? {}, tags: tags.get(id) ?? {} },
      metrics: metrics.get(id) ?? [],
      datasets: datasets.get(id) ?? [],
      modelInputs: own.filter(({ way }) => way === 'in').map(({ model }) => model),
      modelOutputs: own.filter(({ way }) => way === 'out').map(({ model, step }): ModelOutput => ({ model, step })),
    };
  });
}

function ofRuns({ engine }: Sql, ids: readonly string[], keys: readonly string[] | undefined): RawBuilder<unknown> {
  const runs = sql`run in ${toTextList(engine, ids)}`;
  return keys === undefined ? runs : sql`${runs} and key in ${toTextList(engine, keys)}`;
}

/** The params or tags of each run named. */
export async function toTexts(
  context: Sql,
  table: 'run_param' | 'run_tag',
  ids: readonly string[],
  keys?: readonly string[],
): Promise<ReadonlyMap<string, Texts>> {
  const found = new Map<string, Record<string, string>>();
  if (ids.length === 0 || keys?.length === 0) return found;
  const { rows } = await sql<{ run: string; key: string; value: string }>`
    select run, key, value from ${sql.table(table)} where ${ofRuns(context, ids, keys)} order by run, key`.execute(context.db);
  for (const [run, own] of Map.groupBy(rows, (row) => row.run)) {
    // fromEntries defines own members, so that a key such as "__proto__" is one like any other.
    found.set(run, Object.fromEntries(own.map(({ key, value }) => [key, value])));
  }
  return found;
}

export async function toLatest(
  context: Sql,
  ids: readonly string[],
  keys?: readonly string[],
): Promise<ReadonlyMap<string, readonly Metric[]>> {
  if (keys?.length === 0) return new Map();
  const { rows } = await sql<{ run: string; key: string; step: number; time: number; value: number | null }>`
    select run, key, step, time, value from run_latest where ${ofRuns(context, ids, keys)} order by run, key`.execute(context.db);
  return Map.groupBy(
    rows.map(({ run, key, step, time, value }): Metric => ({ run, key, value: value ?? Number.NaN, step, time })),
    ({ run }) => run,
  );
}

async function toDatasets(context: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, LoggedDataset[]>> {
  const { rows } = await sql<Omit<LoggedDataset, 'tags' | 'sourceType'> & { run: string; source_type: string; tags: string }>`
    select u.run, u.name, u.digest, d.source_type, d.source, d.schema, d.profile, u.tags
    from run_dataset as u join logged_dataset as d on d.experiment = u.experiment and d.name = u.name and d.digest = u.digest
    where u.run in ${toTextList(context.engine, ids)} order by u.run, u.name, u.digest, u.context`.execute(context.db);
  const found = new Map<string, LoggedDataset[]>();
  for (const { run, source_type, tags, ...row } of rows) {
    const own = found.get(run) ?? [];
    own.push({ ...row, sourceType: source_type, tags: fromJson<Texts>(tags) });
    found.set(run, own);
  }
  return found;
}

interface ModelLink extends ModelOutput {
  readonly run: string;
  readonly way: 'in' | 'out';
}

async function toModels(context: Sql, ids: readonly string[]): Promise<ReadonlyMap<string, ModelLink[]>> {
  const { rows } = await sql<ModelLink>`
    select run, model, way, step from run_model where run in ${toTextList(context.engine, ids)} order by run, way, model`.execute(
    context.db,
  );
  return Map.groupBy(rows, ({ run }) => run);
}
