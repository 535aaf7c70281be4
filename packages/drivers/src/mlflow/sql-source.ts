import { fault } from '@pawl/core';
import type { ImportSource, SourceCounts } from '@pawl/core';
import type { ForeignDatabase } from './foreign.ts';
import { createValueReader } from './read.ts';
import { readLoggedModels } from './sql-logged-models.ts';
import { readModels, readVersions } from './sql-models.ts';
import { readExperiments, readHistory, readRuns } from './sql-runs.ts';
import type { SqlSourceOptions, SqlStore } from './sql-store.ts';

/** Newest schema whose tables are known here: MLflow 3.17. */
const NEWEST = 'dc11669786a5';

/** What is known to be in a database and has no place here. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  trace_info: 'traces',
  assessments: 'assessments of traces',
  webhooks: 'webhooks',
  scorers: 'scorers',
  evaluation_datasets: 'evaluation datasets',
  endpoints: 'gateway endpoints',
};

export async function openSqlSource(database: ForeignDatabase, options: SqlSourceOptions): Promise<ImportSource> {
  const tables = await database.tables();
  if (!tables.has('experiments') || !tables.has('runs')) {
    await database.close();
    throw fault('import_source_invalid', { source: options.name, problem: 'it has no tables of MLflow (experiments, runs).' });
  }
  const store: SqlStore = {
    ...options,
    values: createValueReader(options.report),
    has: (table, column) => (column === undefined ? tables.has(table) : tables.get(table)?.has(column) === true),
    rows: (sql, parameters = []) => database.query(sql, parameters),
    columns: (table, names, as = table) =>
      names.map((name) => (tables.get(table)?.has(name) === true ? `${as}.${name} as ${name}` : `null as ${name}`)).join(', '),
    inWorkspace: (table, as = table) =>
      tables.get(table)?.has('workspace') === true
        ? { sql: `${as}.workspace = ?`, parameters: [options.workspace] }
        : { sql: '1 = 1', parameters: [] },
  };
  await tellSchema(store);

  const count = async (table: string, where = '1 = 1', parameters: readonly string[] = []): Promise<number> =>
    tables.has(table) ? Number((await database.query(`select count(*) as n from ${table} where ${where}`, parameters))[0]?.['n'] ?? 0) : 0;

  return {
    name: options.name,
    kind: 'MLflow database',
    folders: options.folders,
    async counts(): Promise<SourceCounts> {
      const own = store.inWorkspace('experiments');
      const ofModels = store.inWorkspace('registered_models');
      const ofVersions = store.inWorkspace('model_versions');
      return {
        experiments: await count('experiments', own.sql, own.parameters),
        runs: await count('runs', `experiment_id in (select experiment_id from experiments where ${own.sql})`, own.parameters),
        points: await count('metrics'),
        loggedModels: await count('logged_models'),
        models: await count('registered_models', ofModels.sql, ofModels.parameters),
        versions: await count('model_versions', `${ofVersions.sql} and current_stage <> 'Deleted_Internal'`, ofVersions.parameters),
      };
    },
    experiments: () => readExperiments(store),
    runs: () => readRuns(store),
    history: (run) => readHistory(store, run),
    loggedModels: () => readLoggedModels(store),
    models: () => readModels(store),
    versions: () => readVersions(store),
    async leftOut() {
      const found = [];
      for (const [table, what] of Object.entries(LEFT_OUT)) found.push({ what, count: await count(table) });
      return found.filter((one) => one.count > 0);
    },
    close: () => database.close(),
  };
}

async function tellSchema({ has, rows, report, name }: SqlStore): Promise<void> {
  const found = has('alembic_version') ? (await rows('select version_num from alembic_version'))[0]?.['version_num'] : undefined;
  const { revisions } = await import('./revisions.ts');
  if (typeof found === 'string' && !revisions.includes(found)) {
    report(
      name,
      `its schema ${found} is none that this Pawl knows (up to ${NEWEST}, MLflow 3.17): what newer tables and columns hold does not come`,
    );
  }
}
