import { CONTEXT_TAG, RUN_NAME_TAG } from '@pawl/core';
import type { ImportedSeries, LoggedDataset, ModelOutput, Point, SourceExperiment, SourceRun } from '@pawl/core';
import type { ForeignRow } from './foreign.ts';
import { RUN_ID, toLifecycle, toStatus } from './read.ts';
import type { SqlStore } from './sql-store.ts';

/** Runs read at once. */
const RUNS = 200;
/** Points read at once. */
const POINTS = 20_000;

type Texts = Record<string, string>;

export async function* readExperiments(store: SqlStore): AsyncGenerator<SourceExperiment> {
  const { rows, columns, values, inWorkspace } = store;
  const where = inWorkspace('experiments', 'e');
  const names = ['name', 'artifact_location', 'lifecycle_stage', 'creation_time', 'last_update_time'];
  // As text: numbers of 18 digits, as the file store gives them, are more than a number holds.
  const found = await rows(
    `select cast(e.experiment_id as varchar) as id, ${columns('experiments', names, 'e')} from experiments e where ${where.sql} order by e.experiment_id`,
    where.parameters,
  );
  const tags = await textsOf(store, 'experiment_tags', 'experiment_id', undefined);
  for (const row of found) {
    const id = String(row['id']);
    const place = `experiment ${id}`;
    const createdAt = values.whole(place, row['creation_time'], 0);
    yield {
      id,
      name: values.text(place, row['name']),
      artifactLocation: values.text(place, row['artifact_location']),
      lifecycle: toLifecycle(values.text(place, row['lifecycle_stage'])),
      createdAt,
      updatedAt: values.whole(place, row['last_update_time'], createdAt),
      tags: tags.get(id) ?? {},
    };
  }
}

/** Keys and values of a table by their owner, of all owners when none are named. */
export async function textsOf(
  { has, rows, values }: SqlStore,
  table: string,
  owner: string,
  owners: readonly string[] | undefined,
  [key, value]: readonly [string, string] = ['key', 'value'],
): Promise<ReadonlyMap<string, Texts>> {
  const found = new Map<string, Texts>();
  if (!has(table)) return found;
  const where = owners === undefined ? '' : `where ${owner} in (${placesOf(owners)})`;
  const cast = owners === undefined ? `cast(${owner} as varchar)` : owner;
  for (const row of await rows(`select ${cast} as own, ${key} as k, ${value} as v from ${table} ${where}`, owners ?? [])) {
    const id = String(row['own']);
    const texts = found.get(id) ?? {};
    const place = `${table} of ${id}, "${String(row['k'])}"`;
    texts[values.text(place, row['k'])] = values.text(place, row['v']);
    found.set(id, texts);
  }
  return found;
}

export const placesOf = (items: readonly unknown[]): string => items.map(() => '?').join(', ');

const HEAD = ['name', 'user_id', 'status', 'start_time', 'end_time', 'deleted_time', 'lifecycle_stage', 'artifact_uri'];

export async function* readRuns(store: SqlStore): AsyncGenerator<SourceRun> {
  const { rows, columns, report } = store;
  for (let after = ''; ;) {
    const page = await rows(
      `select r.run_uuid as id, cast(r.experiment_id as varchar) as experiment, ${columns('runs', HEAD, 'r')} from runs r
       where r.run_uuid > ? order by r.run_uuid limit ${RUNS}`,
      [after],
    );
    const ids = page.map((row) => String(row['id']));
    const known = ids.filter((id) => RUN_ID.test(id));
    for (const id of ids) if (!RUN_ID.test(id)) report(`run ${id}`, 'its id is not of 32 hex digits, so it does not come');
    if (known.length > 0) {
      const links = await readLinks(store, known);
      const params = await textsOf(store, 'params', 'run_uuid', known);
      const tags = await textsOf(store, 'tags', 'run_uuid', known);
      for (const row of page) {
        const id = String(row['id']);
        if (RUN_ID.test(id)) yield toRun(store, row, params.get(id) ?? {}, tags.get(id) ?? {}, links(id));
      }
    }
    if (page.length < RUNS) return;
    after = ids.at(-1) ?? after;
  }
}

interface Links {
  readonly datasets: readonly LoggedDataset[];
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly ModelOutput[];
}

function toRun({ values }: SqlStore, row: ForeignRow, params: Texts, tags: Texts, links: Links): SourceRun {
  const id = String(row['id']);
  const place = `run ${id}`;
  const name = values.text(place, row['name']) || (tags[RUN_NAME_TAG] ?? '');
  return {
    id,
    experiment: String(row['experiment']),
    name,
    user: values.text(place, row['user_id']),
    status: toStatus(values.text(place, row['status'])),
    startedAt: values.whole(`start of ${place}`, row['start_time'], 0),
    endedAt: values.whole(`end of ${place}`, row['end_time'], null),
    lifecycle: toLifecycle(values.text(place, row['lifecycle_stage'])),
    deletedAt: values.whole(`deletion of ${place}`, row['deleted_time'], null),
    artifactUri: values.text(place, row['artifact_uri']),
    code: null,
    environment: {},
    params,
    tags,
    inputs: [],
    ...links,
  };
}

/** Data and models of runs: MLflow keeps them as edges of one table. */
async function readLinks(store: SqlStore, runs: readonly string[]): Promise<(run: string) => Links> {
  const { has, rows, columns } = store;
  if (!has('inputs')) return () => ({ datasets: [], modelInputs: [], modelOutputs: [] });
  const places = placesOf(runs);
  const used = await rows(
    `select i.destination_id as run, i.input_uuid as input, ${columns('datasets', ['name', 'digest', 'dataset_source_type', 'dataset_source', 'dataset_schema', 'dataset_profile'], 'd')}
     from inputs i join datasets d on d.dataset_uuid = i.source_id
     where i.source_type = 'DATASET' and i.destination_type = 'RUN' and i.destination_id in (${places}) order by d.name, d.digest`,
    runs,
  );
  const inputs = used.map((row) => String(row['input']));
  const tags = new Map<string, Texts>();
  for (let start = 0; start < inputs.length; start += RUNS) {
    const part = await textsOf(store, 'input_tags', 'input_uuid', inputs.slice(start, start + RUNS), ['name', 'value']);
    for (const [input, own] of part) tags.set(input, own);
  }
  const models = await rows(
    `select i.source_type as way, i.source_id as run, i.destination_id as model, ${columns('inputs', ['step'], 'i')} from inputs i
     where i.source_type in ('RUN_INPUT', 'RUN_OUTPUT') and i.source_id in (${places}) order by i.destination_id`,
    runs,
  );
  const datasets = Map.groupBy(used, (row) => String(row['run']));
  const byRun = Map.groupBy(models, (row) => String(row['run']));
  return (run) => {
    const own = byRun.get(run) ?? [];
    return {
      datasets: (datasets.get(run) ?? []).map((row) => toDataset(store, run, row, tags.get(String(row['input'])) ?? {})),
      modelInputs: own.filter((row) => row['way'] === 'RUN_INPUT').map((row) => String(row['model'])),
      modelOutputs: own
        .filter((row) => row['way'] === 'RUN_OUTPUT')
        .map((row) => ({ model: String(row['model']), step: store.values.whole(`output of run ${run}`, row['step'], 0) })),
    };
  };
}

function toDataset({ values }: SqlStore, run: string, row: ForeignRow, tags: Texts): LoggedDataset {
  const text = (column: string): string => values.text(`data of run ${run}`, row[column]);
  const orNull = (column: string): string | null => (row[column] === null ? null : text(column));
  return {
    name: text('name'),
    digest: text('digest'),
    sourceType: text('dataset_source_type'),
    source: text('dataset_source'),
    schema: orNull('dataset_schema'),
    profile: orNull('dataset_profile'),
    tags: CONTEXT_TAG in tags ? tags : { ...tags },
  };
}

/** In the order of `comparePoints`; the page after begins behind the last row of the one before. */
export async function* readHistory(store: SqlStore, run: SourceRun): AsyncGenerator<ImportedSeries> {
  const { rows, has, report } = store;
  const [step, nan] = [
    has('metrics', 'step') ? 'm.step' : 'coalesce(null, 0)',
    has('metrics', 'is_nan') ? 'm.is_nan' : 'coalesce(null, false)',
  ];
  // NULL is how some schemas of the past wrote NaN. A bare constant to order by would be the number of a column.
  const order = `m.key, ${step}, m.timestamp, coalesce(m.value, 0), ${nan}`;
  const fields = `m.key as key, ${step} as step, m.timestamp as time, m.value as value, ${nan} as nan`;
  let after: readonly (string | number)[] = [];
  for (;;) {
    const beyond = after.length === 0 ? '' : `and (${order}) > (?, ?, ?, ?, ${after[4] === 1 ? 'true' : 'false'})`;
    const page = await rows(`select ${fields} from metrics m where m.run_uuid = ? ${beyond} order by ${order} limit ${POINTS}`, [
      run.id,
      ...after.slice(0, 4),
    ]);
    for (const [key, own] of groupRuns(page)) {
      const points = own.flatMap((row) => {
        const point = toPoint(row);
        if (point === undefined) report(`metric "${key}" of run ${run.id}`, 'a step or time beyond 2^53 does not come');
        return point === undefined ? [] : [point];
      });
      yield { key, points };
    }
    const last = page.at(-1);
    if (page.length < POINTS || last === undefined) return;
    after = [String(last['key']), String(last['step']), String(last['time']), Number(last['value'] ?? 0), isTrue(last['nan']) ? 1 : 0];
  }
}

/** Rows of one key after another, without a map: they come in that order. */
function* groupRuns(rows: readonly ForeignRow[]): Generator<readonly [string, readonly ForeignRow[]]> {
  for (let start = 0; start < rows.length;) {
    const key = rows[start]?.['key'];
    let end = start + 1;
    while (end < rows.length && rows[end]?.['key'] === key) end += 1;
    yield [String(key), rows.slice(start, end)];
    start = end;
  }
}

function toPoint({ step, time, value, nan }: ForeignRow): Point | undefined {
  if (typeof step !== 'number' || typeof time !== 'number') return undefined;
  return [step, time, isTrue(nan) || value === null ? Number.NaN : Number(value)];
}

function isTrue(value: ForeignRow[string] | undefined): boolean {
  return value === true || value === 1;
}
