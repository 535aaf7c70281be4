import type { ImportedModel, SourceVersion } from '@pawl/core';
import type { ForeignRow } from './foreign.ts';
import { DELETED_STAGE, toActor, toStage } from './read.ts';
import { placesOf } from './sql-runs.ts';
import type { SqlStore } from './sql-store.ts';

const PAGE = 200;

type Texts = Record<string, string>;

export async function* readModels(store: SqlStore): AsyncGenerator<ImportedModel> {
  const { has, rows, columns, values, inWorkspace } = store;
  if (!has('registered_models')) return;
  const own = inWorkspace('registered_models', 'r');
  for (let after = ''; ;) {
    const page = await rows(
      `select r.name as name, ${columns('registered_models', ['creation_time', 'last_updated_time', 'description'], 'r')} from registered_models r
       where ${own.sql} and r.name > ? order by r.name limit ${PAGE}`,
      [...own.parameters, after],
    );
    const names = page.map((row) => String(row['name']));
    const tags = await tagsOf(store, 'registered_model_tags', 'x.name', names);
    const highest = await lastVersions(store, names);
    for (const row of page) {
      const name = String(row['name']);
      const place = `model "${name}"`;
      const createdAt = values.whole(place, row['creation_time'], 0);
      yield {
        name,
        description: values.text(place, row['description']),
        lastVersion: highest.get(name) ?? 0,
        createdAt,
        createdBy: toActor(''),
        updatedAt: values.whole(place, row['last_updated_time'], createdAt),
        tags: tags.get(name) ?? {},
      };
    }
    if (page.length < PAGE) return;
    after = names.at(-1) ?? after;
  }
}

/** Also of deleted versions: their numbers are not given again. */
async function lastVersions({ rows, inWorkspace }: SqlStore, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (names.length === 0) return new Map();
  const own = inWorkspace('model_versions', 'v');
  const found = await rows(
    `select v.name as name, max(v.version) as last from model_versions v where ${own.sql} and v.name in (${placesOf(names)}) group by v.name`,
    [...own.parameters, ...names],
  );
  return new Map(found.map((row) => [String(row['name']), Number(row['last'])]));
}

async function tagsOf(
  { has, rows, values, inWorkspace }: SqlStore,
  table: string,
  owner: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, Texts>> {
  const found = new Map<string, Texts>();
  if (names.length === 0 || !has(table)) return found;
  const own = inWorkspace(table, 'x');
  const query = `select ${owner} as own, x.key as k, x.value as v from ${table} x where ${own.sql} and x.name in (${placesOf(names)})`;
  for (const row of await rows(query, [...own.parameters, ...names])) {
    const texts = found.get(String(row['own'])) ?? {};
    texts[values.text(`${table} of ${String(row['own'])}`, row['k'])] = values.text(`${table} of ${String(row['own'])}`, row['v']);
    found.set(String(row['own']), texts);
  }
  return found;
}

const HEAD = [
  'creation_time',
  'last_updated_time',
  'description',
  'user_id',
  'current_stage',
  'source',
  'storage_location',
  'run_id',
  'run_link',
  'status',
];

export async function* readVersions(store: SqlStore): AsyncGenerator<SourceVersion> {
  const { has, rows, columns, inWorkspace } = store;
  if (!has('model_versions')) return;
  const own = inWorkspace('model_versions', 'v');
  let after: readonly (string | number)[] = ['', 0];
  for (;;) {
    const page = await rows(
      `select v.name as name, v.version as version, ${columns('model_versions', HEAD, 'v')}, r.artifact_uri as run_root from model_versions v
       left join runs r on r.run_uuid = v.run_id
       where ${own.sql} and (v.name, v.version) > (?, ?) order by v.name, v.version limit ${PAGE}`,
      [...own.parameters, ...after],
    );
    const names = [...new Set(page.map((row) => String(row['name'])))];
    const tags = await tagsOf(store, 'model_version_tags', "x.name || '/' || cast(x.version as varchar)", names);
    const aliases = await aliasesOf(store, names);
    for (const row of page) {
      if (row['current_stage'] === DELETED_STAGE) continue;
      const id = `${String(row['name'])}/${String(row['version'])}`;
      yield toVersion(store, row, tags.get(id) ?? {}, aliases.get(id) ?? []);
    }
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined) return;
    after = [String(last['name']), Number(last['version'])];
  }
}

async function aliasesOf({ has, rows, inWorkspace }: SqlStore, names: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  if (names.length === 0 || !has('registered_model_aliases')) return new Map();
  const own = inWorkspace('registered_model_aliases', 'a');
  const found = await rows(
    `select a.name as name, a.version as version, a.alias as alias from registered_model_aliases a
     where ${own.sql} and a.name in (${placesOf(names)}) order by a.alias`,
    [...own.parameters, ...names],
  );
  const grouped = Map.groupBy(found, (row) => `${String(row['name'])}/${String(row['version'])}`);
  return new Map([...grouped].map(([id, own]) => [id, own.map((row) => String(row['alias']))]));
}

function toVersion({ values, report }: SqlStore, row: ForeignRow, tags: Texts, aliases: readonly string[]): SourceVersion {
  const place = `version ${String(row['version'])} of model "${String(row['name'])}"`;
  const text = (column: string): string => values.text(place, row[column]);
  const createdAt = values.whole(place, row['creation_time'], 0);
  const status = text('status');
  if (status !== '' && status !== 'READY') report(place, `its status is ${status} there; every version is READY here`);
  return {
    model: text('name'),
    version: Number(row['version']),
    run: text('run_id') || null,
    runLink: text('run_link'),
    stage: toStage(text('current_stage')),
    description: text('description'),
    tags,
    createdAt,
    createdBy: toActor(text('user_id')),
    updatedAt: values.whole(place, row['last_updated_time'], createdAt),
    aliases,
    source: text('source'),
    runArtifactUri: typeof row['run_root'] === 'string' ? row['run_root'] : null,
  };
}
