import { CONTEXT_TAG } from '@pawl/core';
import type { LoggedDataset, RunRecord } from '@pawl/core';
import { putArtifacts } from './artifact.ts';
import { insertRows } from './batch.ts';
import { toJson } from './context.ts';
import type { Sql } from './context.ts';
import { recordMetrics } from './metric.ts';
import { toUnheard } from './unheard.ts';

/** What is logged once a run and key is keyed by the run's number, and indexed by its experiment. */
export interface RunKey {
  readonly id: string;
  readonly number: number;
  readonly experiment: number;
}

interface TextTable {
  readonly run: number;
  readonly key: string;
  readonly experiment: number;
  readonly value: string;
}

export interface RunRecordTables {
  readonly run_param: TextTable;
  readonly run_tag: TextTable;
  readonly run_input: { readonly run: string; readonly dataset: string; readonly version: number; readonly role: string };
  readonly run_dataset: {
    readonly run: string;
    readonly experiment: number;
    readonly name: string;
    readonly digest: string;
    readonly context: string;
    readonly tags: string;
  };
  readonly logged_dataset: Omit<LoggedDataset, 'sourceType' | 'tags'> & { readonly experiment: number; readonly source_type: string };
  readonly run_model: { readonly run: string; readonly model: string; readonly way: 'in' | 'out'; readonly step: number };
}

const KEEP = 'on conflict do nothing';
/** Adds what is new of a run that is there; see `RunStore.record`. */
export async function recordRun(sql: Sql, key: RunKey, what: RunRecord): Promise<void> {
  const { id: run, experiment } = key;
  await recordTexts(sql, key, what);
  const inputs = (what.inputs ?? []).map(({ dataset, version, role }) => [run, dataset, version, role]);
  await insertRows(sql, 'run_input', ['run', 'dataset', 'version', 'role'], inputs, KEEP);
  await recordMetrics(sql, key, what.metrics ?? []);
  await recordDatasets(sql, run, experiment, what.datasets ?? []);
  const used = [...new Set(what.modelInputs)].map((model) => [run, model, 'in', 0]);
  const made = [...new Map((what.modelOutputs ?? []).map(({ model, step }) => [model, step]))].map(([model, step]) => [
    run,
    model,
    'out',
    step,
  ]);
  const last = 'on conflict (run, way, model) do update set step = excluded.step';
  await insertRows(sql, 'run_model', ['run', 'model', 'way', 'step'], [...used, ...made], last);
  await putArtifacts(sql, `run/${run}`, what.artifacts ?? []);
}

/** On PostgreSQL the run's number is found in passing: that of a run which was just inserted is not known, since nobody waited for it. */
export async function recordTexts(sql: Sql, { id, number, experiment }: RunKey, what: Pick<RunRecord, 'params' | 'tags'>): Promise<void> {
  for (const { table, conflict, texts = {} } of [
    { table: 'run_param', conflict: KEEP, texts: what.params },
    { table: 'run_tag', conflict: 'on conflict (run, key) do update set value = excluded.value', texts: what.tags },
  ]) {
    // In one order, so that two that write the same keys do not wait for each other.
    const given = Object.entries(texts).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (given.length === 0) continue;
    if (sql.engine === 'sqlite') {
      const rows = given.map(([key, value]) => [number, key, experiment, value]);
      await insertRows(sql, table, ['run', 'key', 'experiment', 'value'], rows, conflict);
      continue;
    }
    const query = `insert into ${table} (run, key, experiment, value)
      select run.number, text.key, run.experiment, text.value from run, unnest($2::text[], $3::text[]) as text (key, value)
      where run.id = $1 ${conflict}`;
    await sql.db.executeQuery(toUnheard(query, [id, given.map(([key]) => key), given.map(([, value]) => value)]));
  }
}

async function recordDatasets(sql: Sql, run: string, experiment: number, datasets: readonly LoggedDataset[]): Promise<void> {
  const described = datasets.map(({ name, digest, sourceType, source, schema, profile }) => [
    experiment,
    name,
    digest,
    sourceType,
    source,
    schema,
    profile,
  ]);
  const columns = ['experiment', 'name', 'digest', 'source_type', 'source', 'schema', 'profile'];
  await insertRows(sql, 'logged_dataset', columns, described, KEEP);
  const uses = datasets.map(({ name, digest, tags }) => [run, experiment, name, digest, tags[CONTEXT_TAG] ?? '', toJson(tags)]);
  await insertRows(sql, 'run_dataset', ['run', 'experiment', 'name', 'digest', 'context', 'tags'], uses, KEEP);
}
