import { join } from 'node:path';
import type { ImportedModelMetric, SourceLoggedModel } from '@pawl/core';
import type { ExperimentFolder, FileStore } from './file-layout.ts';
import { filesBelow, foldersIn, readLines, readTexts, toFloat } from './files.ts';
import { field, readMeta } from './meta.ts';
import { LOGGED_MODEL_ID, toLifecycle, toModelStatus } from './read.ts';

export async function* readLoggedModels(store: FileStore): AsyncGenerator<SourceLoggedModel> {
  for (const experiment of await store.experimentFolders()) {
    for (const id of await foldersIn(join(experiment.path, 'models'))) {
      try {
        yield await readModel(store, experiment, id);
      } catch (error) {
        store.report(`logged model ${id}`, (error as Error).message);
      }
    }
  }
}

async function readModel(store: FileStore, experiment: ExperimentFolder, id: string): Promise<SourceLoggedModel> {
  const { values, report } = store;
  const folder = join(experiment.path, 'models', id);
  const place = `logged model ${id}`;
  if (!LOGGED_MODEL_ID.test(id)) throw new Error('its folder is not named by an id of m- and 32 hex digits');
  const meta = await readMeta(folder);
  const createdAt = values.whole(place, field(meta, 'creation_timestamp'), 0);
  const updatedAt = values.whole(place, field(meta, 'last_updated_timestamp'), createdAt);
  return {
    id,
    experiment: experiment.id,
    name: values.text(place, field(meta, 'name')),
    type: values.text(place, field(meta, 'model_type')),
    status: toModelStatus(field(meta, 'status') ?? ''),
    run: field(meta, 'source_run_id'),
    createdAt,
    updatedAt,
    deletedAt: toLifecycle(field(meta, 'lifecycle_stage') ?? 'active') === 'deleted' ? updatedAt : null,
    artifactUri: values.text(place, field(meta, 'artifact_location')) || join(folder, 'artifacts'),
    params: await readTexts(join(folder, 'params'), place, values, report),
    tags: await readTexts(join(folder, 'tags'), place, values, report),
    metrics: await readMetrics(store, folder, place),
  };
}

/** Lines are `time value step run [dataset digest]`. */
async function readMetrics({ report }: FileStore, folder: string, place: string): Promise<readonly ImportedModelMetric[]> {
  const found: ImportedModelMetric[] = [];
  for (const key of await filesBelow(join(folder, 'metrics'))) {
    for (const { number, fields } of await readLines(join(folder, 'metrics', key)).catch(() => [])) {
      const [time, value, step] = [Number(fields[0]), toFloat(fields[1] ?? ''), Number(fields[2])];
      const [, , , run, name, digest] = fields;
      if (value === undefined || run === undefined || !Number.isSafeInteger(time) || !Number.isSafeInteger(step)) {
        report(`metric "${key}" of ${place}`, `line ${number} of its file is broken and does not come`);
        continue;
      }
      found.push({ run, key, value, step, time, dataset: name === undefined ? null : { name, digest: digest ?? '' } });
    }
  }
  return found;
}
