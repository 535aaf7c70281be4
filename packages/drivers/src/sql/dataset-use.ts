import type { VersionUse, DatasetUseReader, RunInput } from '@pawl/core';
import { fromJson } from './context.ts';
import type { Sql } from './context.ts';

/** Reads what other nouns' records say of versions. Lists that lie in a row as JSON are looked for by the dataset's name first. */
export function createDatasetUseReader({ db }: Sql): DatasetUseReader {
  return {
    async uses(dataset, version) {
      // A name holds no character that JSON writes in another way, but an underscore stands for any in a pattern: what is too much falls out below.
      const mention = `%"${dataset}"%`;
      const found: VersionUse[] = [];
      const add = (kind: VersionUse['kind'], id: string, of: number, role = ''): void => {
        if (version === undefined || version === of) found.push({ kind, id, version: of, role });
      };

      const inputs = await db.selectFrom('run_input').selectAll().where('dataset', '=', dataset).execute();
      for (const row of inputs) add('run', row.run, row.version, row.role);

      const models = await db
        .selectFrom('model_version')
        .select(['model', 'version', 'inputs', 'evaluation_dataset', 'evaluation_version'])
        .where((row) => row.or([row('inputs', 'like', mention), row('evaluation_dataset', '=', dataset)]))
        .execute();
      for (const row of models) {
        const id = `${row.model}:${row.version}`;
        for (const input of fromJson<readonly RunInput[]>(row.inputs))
          if (input.dataset === dataset) add('model version', id, input.version, input.role);
        if (row.evaluation_dataset === dataset && row.evaluation_version !== null)
          add('model version', id, row.evaluation_version, 'evaluation');
      }

      const runs = await db.selectFrom('pipeline_run').select(['id', 'datasets']).where('datasets', 'like', mention).execute();
      for (const row of runs) {
        const pinned = fromJson<Readonly<Record<string, number>>>(row.datasets)[dataset];
        if (pinned !== undefined) add('pipeline run', row.id, pinned);
      }

      const gates = await db
        .selectFrom('gate_decision')
        .select(['id', 'evaluation_version'])
        .where('evaluation_dataset', '=', dataset)
        .execute();
      for (const row of gates) add('gate', row.id, row.evaluation_version, 'evaluation');

      const tags = await db.selectFrom('dataset_tag').selectAll().where('dataset', '=', dataset).execute();
      for (const row of tags) add('tag', row.name, row.version);
      const branches = await db.selectFrom('dataset_branch').selectAll().where('dataset', '=', dataset).execute();
      for (const row of branches) add('branch', row.name, row.base, 'base');
      return found;
    },
  };
}
