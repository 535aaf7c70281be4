import { join } from 'node:path';
import { RUN_NAME_TAG, toSeries } from '@pawl/core';
import type { ImportedSeries, LoggedDataset, ModelOutput, Point, SourceRun } from '@pawl/core';
import { runFolders } from './file-layout.ts';
import type { ExperimentFolder, FileStore } from './file-layout.ts';
import { filesBelow, foldersIn, readLines, readTexts, toFloat } from './files.ts';
import { field, readMeta } from './meta.ts';
import type { Meta } from './meta.ts';
import { RUN_ID, toLifecycle, toStatus } from './read.ts';

/** Points of one piece. */
const PIECE = 20_000;

/** Runs with the folder that each lies in: an id alone would have to be looked for in every experiment. */
const folders = new WeakMap<SourceRun, string>();

export async function* readRuns(store: FileStore): AsyncGenerator<SourceRun> {
  for (const experiment of await store.experimentFolders()) {
    for (const id of await runFolders(experiment)) {
      try {
        const run = await readRun(store, experiment, id);
        folders.set(run, join(experiment.path, id));
        yield run;
      } catch (error) {
        store.report(`run ${id}`, (error as Error).message);
      }
    }
  }
}

async function readRun({ values, report }: FileStore, experiment: ExperimentFolder, id: string): Promise<SourceRun> {
  const folder = join(experiment.path, id);
  const place = `run ${id}`;
  if (!RUN_ID.test(id)) throw new Error('its folder is not named by an id of 32 hex digits');
  const meta = await readMeta(folder);
  const told = field(meta, 'run_id', 'run_uuid');
  if (told !== null && told !== id) throw new Error(`its meta.yaml tells another id, ${told}`);
  const tags = await readTexts(join(folder, 'tags'), place, values, report);
  return {
    id,
    experiment: experiment.id,
    name: values.text(place, field(meta, 'run_name', 'name')) || (tags[RUN_NAME_TAG] ?? ''),
    user: values.text(place, field(meta, 'user_id')),
    status: toStatus(field(meta, 'status') ?? ''),
    startedAt: values.whole(`start of ${place}`, field(meta, 'start_time'), 0),
    endedAt: values.whole(`end of ${place}`, field(meta, 'end_time'), null),
    lifecycle: toLifecycle(field(meta, 'lifecycle_stage') ?? 'active'),
    deletedAt: values.whole(`deletion of ${place}`, field(meta, 'deleted_time'), null),
    artifactUri: values.text(place, field(meta, 'artifact_uri')) || join(folder, 'artifacts'),
    code: null,
    environment: {},
    params: await readTexts(join(folder, 'params'), place, values, report),
    tags,
    inputs: [],
    ...(await readLinks(folder, experiment, place, report)),
  };
}

async function readLinks(
  folder: string,
  experiment: ExperimentFolder,
  place: string,
  report: FileStore['report'],
): Promise<Pick<SourceRun, 'datasets' | 'modelInputs' | 'modelOutputs'>> {
  const datasets: LoggedDataset[] = [];
  const modelInputs: string[] = [];
  const modelOutputs: ModelOutput[] = [];
  for (const name of await foldersIn(join(folder, 'inputs'))) {
    try {
      const input = await readMeta(join(folder, 'inputs', name));
      const source = field(input, 'source_id') ?? '';
      if (field(input, 'source_type') === 'MODEL') modelInputs.push(source);
      else datasets.push(toDataset(await readMeta(join(experiment.path, 'datasets', source)), input));
    } catch (error) {
      report(`input ${name} of ${place}`, (error as Error).message);
    }
  }
  for (const model of await foldersIn(join(folder, 'outputs'))) {
    try {
      const output = await readMeta(join(folder, 'outputs', model));
      modelOutputs.push({ model, step: Number(field(output, 'step') ?? 0) });
    } catch (error) {
      report(`output ${model} of ${place}`, (error as Error).message);
    }
  }
  return { datasets, modelInputs, modelOutputs };
}

function toDataset(data: Meta, input: Meta): LoggedDataset {
  const tags = input['tags'];
  const texts = tags !== null && typeof tags === 'object' && !Array.isArray(tags) ? Object.entries(tags as Meta) : [];
  return {
    name: field(data, 'name') ?? '',
    digest: field(data, 'digest') ?? '',
    sourceType: field(data, 'source_type') ?? '',
    source: field(data, 'source') ?? '',
    schema: field(data, 'schema'),
    profile: field(data, 'profile'),
    tags: Object.fromEntries(texts.map(([key, value]) => [key, typeof value === 'string' ? value : ''])),
  };
}

/** A metric's file is in the order of writing, and may tell a point twice. */
export async function* readHistory(store: FileStore, run: SourceRun): AsyncGenerator<ImportedSeries> {
  const folder = join(folders.get(run) ?? '', 'metrics');
  for (const key of await filesBelow(folder)) {
    const place = `metric "${key}" of run ${run.id}`;
    const points: Point[] = [];
    for (const { number, fields } of await readLines(join(folder, key)).catch(() => [])) {
      const point = toPoint(fields);
      if (point === undefined) store.report(place, `line ${number} of its file is broken and does not come`);
      else points.push(point);
    }
    const series = toSeries(points);
    for (let start = 0; start < series.length; start += PIECE) yield { key, points: series.slice(start, start + PIECE) };
  }
}

/** `time value [step [dataset digest]]`: old files have no step. */
function toPoint(fields: readonly string[]): Point | undefined {
  const [time, value, step] = [Number(fields[0]), toFloat(fields[1] ?? ''), fields[2] === undefined ? 0 : Number(fields[2])];
  if (value === undefined || !Number.isSafeInteger(time) || !Number.isSafeInteger(step) || fields[0] === '') return undefined;
  return [step, time, value];
}
