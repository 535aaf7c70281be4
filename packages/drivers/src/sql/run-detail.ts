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

/**
 * The params or tags of each run named, a row of JSON for each run: a thousand runs have tens of thousands of values, and as rows of their own each would
 * cost an object.
 */
export async function toTexts(
  context: Sql,
  table: 'run_param' | 'run_tag',
  ids: readonly string[],
  keys?: readonly string[],
): Promise<ReadonlyMap<string, Texts>> {
  if (ids.length === 0 || keys?.length === 0) return new Map();
  const aggregate =
    context.engine === 'sqlite' ? sql`json_group_object(key, value)` : sql`cast(json_object_agg(key, value order by key) as text)`;
  // JSON.parse defines own members, so that a key such as "__proto__" is one like any other.
  return toLogged(context, table, aggregate, ids, keys, (json) => JSON.parse(json) as Texts);
}

export async function toLatest(
  context: Sql,
  ids: readonly string[],
  keys?: readonly string[],
): Promise<ReadonlyMap<string, readonly Metric[]>> {
  if (ids.length === 0 || keys?.length === 0) return new Map();
  const aggregate =
    context.engine === 'sqlite'
      ? sql`json_group_array(json_array(key, step, time, value))`
      : sql`cast(json_agg(json_build_array(key, step, time, value) order by key) as text)`;
  return toLogged(context, 'run_latest', aggregate, ids, keys, (json, run) =>
    (JSON.parse(json) as Point[]).map(([key, step, time, value]): Metric => ({ run, key, value: toValue(value), step, time })),
  );
}

interface Logged {
  readonly run: string;
  readonly logged: string;
}

/** An infinity is 9e999 in SQLite's JSON, which JavaScript reads as one, and a text in PostgreSQL's; NaN is stored as NULL. */
type Point = readonly [key: string, step: number, time: number, value: number | string | null];

function toValue(value: number | string | null): number {
  return value === null ? Number.NaN : Number(value);
}

async function toLogged<Value>(
  { db, engine }: Sql,
  table: string,
  aggregate: RawBuilder<unknown>,
  ids: readonly string[],
  keys: readonly string[] | undefined,
  parse: (json: string, run: string) => Value,
): Promise<ReadonlyMap<string, Value>> {
  const only = keys === undefined ? sql`` : sql`and key in ${toTextList(engine, keys)}`;
  // SQLite walks the primary key of each run, in the order of keys; PostgreSQL does better with one scan.
  const query =
    engine === 'sqlite'
      ? sql<Logged>`
          select ids.value as run, (select ${aggregate} from ${sql.table(table)} where run = ids.value ${only}) as logged
          from json_each(${JSON.stringify(ids)}) as ids`
      : sql<Logged>`
          select run, ${aggregate} as logged from ${sql.table(table)} where run in ${toTextList(engine, ids)} ${only} group by run`;
  const { rows } = await query.execute(db);
  return new Map(rows.map(({ run, logged }) => [run, parse(logged, run)]));
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
