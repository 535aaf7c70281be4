import type { LoggedDataset, Metric, ModelOutput, RunColumns, RunDetail } from '@pawl/core';
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { fromJson } from './context.ts';
import type { Sql } from './context.ts';
import { toValue } from './metric.ts';
import { toHead } from './run-row.ts';
import type { RunRow } from './run-row.ts';
import { isOneOf, toTextList } from './search/ids.ts';

type Texts = Readonly<Record<string, string>>;

/** Runs that are read together: between, other requests have their turn. */
const TOGETHER = 1000;

/** What was logged to runs, in a few reads for all of them; of each kind all, or only the keys that `columns` names. */
export async function toDetails(context: Sql, rows: readonly RunRow[], columns: RunColumns = {}): Promise<readonly RunDetail[]> {
  const details: RunDetail[] = [];
  for (let at = 0; at < rows.length; at += TOGETHER) details.push(...(await toSome(context, rows.slice(at, at + TOGETHER), columns)));
  return details;
}

async function toSome(context: Sql, rows: readonly RunRow[], columns: RunColumns): Promise<readonly RunDetail[]> {
  const ids = rows.map(({ id }) => id);
  const [params, tags, metrics, datasets, models] = await Promise.all([
    toTexts(context, 'run_param', rows, columns.params),
    toTexts(context, 'run_tag', rows, columns.tags),
    toLatest(context, rows, columns.metrics),
    columns.links === false ? new Map<string, LoggedDataset[]>() : toDatasets(context, ids),
    columns.links === false ? new Map<string, ModelLink[]>() : toModels(context, ids),
  ]);
  return rows.map((row) => {
    const { id, number } = row;
    const own = models.get(id) ?? [];
    return {
      run: { ...toHead(row), params: params.get(number) ?? {}, tags: tags.get(number) ?? {} },
      metrics: metrics.get(number) ?? [],
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
  runs: readonly Numbered[],
  keys?: readonly string[],
): Promise<ReadonlyMap<number, Texts>> {
  const aggregate =
    context.engine === 'sqlite' ? sql`json_group_object(key, value)` : sql`cast(json_object_agg(key, value order by key) as text)`;
  // JSON.parse defines own members, so that a key such as "__proto__" is one like any other.
  return toLogged(context, table, aggregate, runs, keys, (json) => JSON.parse(json) as Texts);
}

export async function toLatest(
  context: Sql,
  runs: readonly Numbered[],
  keys?: readonly string[],
): Promise<ReadonlyMap<number, readonly Metric[]>> {
  const aggregate =
    context.engine === 'sqlite'
      ? sql`json_group_array(json_array(key, step, time, value))`
      : sql`cast(json_agg(json_build_array(key, step, time, value) order by key) as text)`;
  return toLogged(context, 'run_latest', aggregate, runs, keys, (json, run) =>
    (JSON.parse(json) as Point[]).map(([key, step, time, value]): Metric => ({ run, key, value: toValue(value), step, time })),
  );
}

type Numbered = Pick<RunRow, 'id' | 'number'>;

interface Logged {
  readonly run: number;
  readonly logged: string;
}

type Point = readonly [key: string, step: number, time: number, value: number | string | null];

/** What each run has in a table, by the run's number. */
async function toLogged<Value>(
  { db, engine }: Sql,
  table: string,
  aggregate: RawBuilder<unknown>,
  runs: readonly Numbered[],
  keys: readonly string[] | undefined,
  parse: (json: string, run: string) => Value,
): Promise<ReadonlyMap<number, Value>> {
  if (runs.length === 0 || keys?.length === 0) return new Map();
  const ids = new Map(runs.map(({ id, number }) => [number, id]));
  const numbers = [...ids.keys()];
  const only = keys === undefined ? sql`` : sql`and key in ${toTextList(engine, keys)}`;
  // SQLite walks the primary key of each run, in the order of keys.
  const query =
    engine === 'sqlite'
      ? sql<Logged>`
          select numbers.value as run, (select ${aggregate} from ${sql.table(table)} where run = numbers.value ${only}) as logged
          from json_each(${JSON.stringify(numbers)}) as numbers`
      : sql<Logged>`
          select run, ${aggregate} as logged from ${sql.table(table)} where ${isOneOf(engine, sql`run`, numbers)} ${only} group by run`;
  const { rows } = await query.execute(db);
  return new Map(rows.map(({ run, logged }) => [run, parse(logged, ids.get(run) ?? '')]));
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
