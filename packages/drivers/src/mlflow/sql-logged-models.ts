import type { ImportedModelMetric, SourceLoggedModel } from '@pawl/core';
import { LOGGED_MODEL_ID, toLifecycle, toModelStatus } from './read.ts';
import { placesOf, textsOf } from './sql-runs.ts';
import type { SqlStore } from './sql-store.ts';

const MODELS = 100;

const HEAD = [
  'name',
  'artifact_location',
  'creation_timestamp_ms',
  'last_updated_timestamp_ms',
  'status',
  'lifecycle_stage',
  'model_type',
  'source_run_id',
];

export async function* readLoggedModels(store: SqlStore): AsyncGenerator<SourceLoggedModel> {
  const { has, rows, columns, values, report } = store;
  if (!has('logged_models')) return;
  for (let after = ''; ;) {
    const page = await rows(
      `select l.model_id as id, cast(l.experiment_id as varchar) as experiment, ${columns('logged_models', HEAD, 'l')} from logged_models l
       where l.model_id > ? order by l.model_id limit ${MODELS}`,
      [after],
    );
    const ids = page.map((row) => String(row['id']));
    if (ids.length > 0) {
      const params = await textsOf(store, 'logged_model_params', 'model_id', ids, ['param_key', 'param_value']);
      const tags = await textsOf(store, 'logged_model_tags', 'model_id', ids, ['tag_key', 'tag_value']);
      const metrics = await readMetrics(store, ids);
      for (const row of page) {
        const id = String(row['id']);
        const place = `logged model ${id}`;
        if (!LOGGED_MODEL_ID.test(id)) {
          report(place, 'its id is not of m- and 32 hex digits, so it does not come');
          continue;
        }
        const text = (column: string): string => values.text(place, row[column]);
        const createdAt = values.whole(place, row['creation_timestamp_ms'], 0);
        const updatedAt = values.whole(place, row['last_updated_timestamp_ms'], createdAt);
        yield {
          id,
          experiment: String(row['experiment']),
          name: text('name'),
          type: text('model_type'),
          status: toModelStatus(text('status')),
          run: text('source_run_id') || null,
          createdAt,
          updatedAt,
          // MLflow notes that it is deleted, and touches it then.
          deletedAt: toLifecycle(text('lifecycle_stage')) === 'deleted' ? updatedAt : null,
          artifactUri: text('artifact_location'),
          params: params.get(id) ?? {},
          tags: tags.get(id) ?? {},
          metrics: metrics.get(id) ?? [],
        };
      }
    }
    if (page.length < MODELS) return;
    after = ids.at(-1) ?? after;
  }
}

async function readMetrics(store: SqlStore, ids: readonly string[]): Promise<ReadonlyMap<string, readonly ImportedModelMetric[]>> {
  const { rows, columns, values } = store;
  const fields = ['run_id', 'metric_name', 'metric_timestamp_ms', 'metric_step', 'metric_value', 'dataset_name', 'dataset_digest'];
  const found = await rows(
    `select x.model_id as model, ${columns('logged_model_metrics', fields, 'x')} from logged_model_metrics x where x.model_id in (${placesOf(ids)})`,
    ids,
  );
  const byModel = new Map<string, ImportedModelMetric[]>();
  for (const row of found) {
    const model = String(row['model']);
    const place = `metric of logged model ${model}`;
    const step = values.whole(place, row['metric_step'], null);
    const time = values.whole(place, row['metric_timestamp_ms'], null);
    if (step === null || time === null) continue;
    const [name, digest] = [values.text(place, row['dataset_name']), values.text(place, row['dataset_digest'])];
    const own = byModel.get(model) ?? [];
    own.push({
      run: values.text(place, row['run_id']),
      key: values.text(place, row['metric_name']),
      value: row['metric_value'] === null ? Number.NaN : Number(row['metric_value']),
      step,
      time,
      dataset: name === '' && digest === '' ? null : { name, digest },
    });
    byModel.set(model, own);
  }
  return byModel;
}
