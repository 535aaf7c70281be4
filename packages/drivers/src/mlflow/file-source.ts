import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '@pawl/core';
import type { ImportSource, ReportProblem, SourceExperiment } from '@pawl/core';
import { readLoggedModels } from './file-logged-models.ts';
import { readModels, readVersions } from './file-models.ts';
import { readHistory, readRuns } from './file-runs.ts';
import { foldersIn, readTexts } from './files.ts';
import { field, readMeta } from './meta.ts';
import { createValueReader, toLifecycle } from './read.ts';
import { runFolders } from './file-layout.ts';
import type { ExperimentFolder, FileStore } from './file-layout.ts';

const NUMBER = /^(?:0|[1-9][0-9]{0,18})$/;
/** Opens `mlruns`, or a folder that has it in it. Throws `import_source_invalid`. */
export function openFileSource(path: string, report: ReportProblem): ImportSource {
  const root = findRoot(path);
  const store: FileStore = { root, report, values: createValueReader(report), experimentFolders: () => findExperiments(root) };
  return {
    name: path,
    kind: 'MLflow file store',
    folders: [root],
    async counts() {
      const experiments = await store.experimentFolders();
      let [runs, loggedModels, versions] = [0, 0, 0];
      for (const experiment of experiments) {
        runs += (await runFolders(experiment)).length;
        loggedModels += (await foldersIn(join(experiment.path, 'models'))).length;
      }
      const models = await foldersIn(join(root, 'models'));
      for (const model of models)
        versions += (await foldersIn(join(root, 'models', model))).filter((name) => name.startsWith('version-')).length;
      return { experiments: experiments.length, runs, points: null, loggedModels, models: models.length, versions };
    },
    experiments: () => readExperiments(store),
    runs: () => readRuns(store),
    history: (run) => readHistory(store, run),
    loggedModels: () => readLoggedModels(store),
    models: () => readModels(store),
    versions: () => readVersions(store),
    async leftOut() {
      let traces = 0;
      for (const { path: folder } of await store.experimentFolders()) traces += (await foldersIn(join(folder, 'traces'))).length;
      return traces === 0 ? [] : [{ what: 'traces', count: traces }];
    },
    close: () => Promise.resolve(),
  };
}

function findRoot(path: string): string {
  if (!existsSync(path)) throw fault('import_source_invalid', { source: path, problem: 'there is no such folder.' });
  if (!statSync(path).isDirectory()) throw fault('import_source_invalid', { source: path, problem: 'it is no folder and no database.' });
  if (looksLikeStore(path)) return path;
  const inside = join(path, 'mlruns');
  if (looksLikeStore(inside)) return inside;
  throw fault('import_source_invalid', { source: path, problem: 'it has no experiment: name the folder "mlruns" of a file store.' });
}

function looksLikeStore(path: string): boolean {
  return existsSync(join(path, '0', 'meta.yaml')) || existsSync(join(path, '.trash')) || existsSync(join(path, 'models'));
}

async function findExperiments(root: string): Promise<readonly ExperimentFolder[]> {
  const found: ExperimentFolder[] = [];
  for (const parent of [root, join(root, '.trash')])
    for (const id of await foldersIn(parent)) if (NUMBER.test(id)) found.push({ id, path: join(parent, id) });
  return found;
}

async function* readExperiments({ values, report, experimentFolders }: FileStore): AsyncGenerator<SourceExperiment> {
  for (const { id, path } of await experimentFolders()) {
    const place = `experiment ${id}`;
    try {
      const meta = await readMeta(path);
      const told = field(meta, 'experiment_id');
      if (told !== null && told !== id) throw new Error(`its meta.yaml tells another number, ${told}`);
      const createdAt = values.whole(place, field(meta, 'creation_time'), 0);
      yield {
        id,
        name: values.text(place, field(meta, 'name')) || `experiment ${id}`,
        artifactLocation: values.text(place, field(meta, 'artifact_location')),
        lifecycle: toLifecycle(field(meta, 'lifecycle_stage') ?? 'active'),
        createdAt,
        updatedAt: values.whole(place, field(meta, 'last_update_time'), createdAt),
        tags: await readTexts(join(path, 'tags'), place, values, report),
      };
    } catch (error) {
      report(place, (error as Error).message);
    }
  }
}
