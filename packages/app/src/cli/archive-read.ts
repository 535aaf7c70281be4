import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type {
  ImportSource,
  ImportedLoggedModel,
  ImportedSeries,
  ReportProblem,
  SourceExperiment,
  SourceLoggedModel,
  SourceRun,
} from '@pawl/core';
import { toProblem } from '../schema/problem.ts';
import {
  fromExperimentRecord,
  fromFileRecord,
  fromLoggedModelRecord,
  fromModelMetricRecord,
  fromRunRecord,
  fromSeriesRecord,
} from '../schema/import-wire.ts';
import { archiveSchema, headSchema, runFile, seriesSchema } from './archive-format.ts';
import type { Archive, Head } from './archive-format.ts';
import { failure } from './fail.ts';
import { unpackTar } from './tar.ts';

export interface ArchiveOptions {
  readonly report: ReportProblem;
  /** Gives runs and logged models ids of their own: the same ones each time for the same text. */
  readonly newIds: string | undefined;
  /** All runs go to one experiment, which is known by `''`. */
  readonly oneExperiment: boolean;
}

const NAME = /^(?:archive\.json|runs\/[0-9a-f]{32}\.ndjson|blobs\/[0-9a-f]{64})$/;

/** Opens an archive of runs, a folder or a tar file. Throws `archive_invalid`; runs that are damaged are told and left out. */
export async function openArchive(place: string, options: ArchiveOptions): Promise<ImportSource> {
  const refuse = (problem: string): Promise<Error> => failure('archive_invalid', { place, problem });
  const found = await stat(place).catch(() => undefined);
  if (found === undefined) throw await refuse('there is no such file or folder.');
  const scratch = found.isDirectory() ? undefined : await mkdtemp(join(tmpdir(), 'pawl-archive-'));
  const folder = scratch ?? place;
  const close = async (): Promise<void> => {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true });
  };
  try {
    if (scratch !== undefined) {
      await unpackTar(place, scratch, (name) => NAME.test(name)).catch(async (error: unknown) => {
        throw error instanceof RangeError ? await refuse(`${error.message}.`) : error;
      });
    }
    return toSource(place, folder, await readArchive(folder, refuse), options, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function readArchive(folder: string, refuse: (problem: string) => Promise<Error>): Promise<Archive> {
  const text = await readFile(join(folder, 'archive.json'), 'utf8').catch(() => undefined);
  if (text === undefined) throw await refuse('it has no archive.json: it is none, or its export did not end.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw await refuse('its archive.json is not JSON.');
  }
  const parsed = archiveSchema.safeParse(value);
  if (!parsed.success) throw await refuse(`its archive.json does not fit: ${toProblem(parsed.error)}.`);
  return parsed.data;
}

function toSource(place: string, folder: string, archive: Archive, options: ArchiveOptions, close: () => Promise<void>): ImportSource {
  const { report, newIds, oneExperiment } = options;
  const sources = new Map<object, { readonly old: string; readonly files: Head['files'] }>();
  const ids = new Set(archive.runs.map(({ id }) => id));
  const fresh = (id: string): string =>
    newIds === undefined ? id : createHash('sha256').update(`${newIds}\n${id}`).digest('hex').slice(0, 32);
  const freshModel = (id: string): string => (newIds === undefined ? id : `m-${fresh(id)}`);
  const experimentOf = ({ experiment }: Head): string => (oneExperiment ? '' : experiment.id);

  async function* heads(tell: ReportProblem): AsyncGenerator<{ readonly id: string; readonly head: Head }> {
    for (const { id, sha256 } of archive.runs) {
      const head = await readHead(folder, id, sha256).catch((error: unknown) => {
        tell(`run ${id}`, (error as Error).message);
        return undefined;
      });
      if (head !== undefined) yield { id, head };
    }
  }

  /** Models of this archive get their new ids wherever they are named; others keep theirs. */
  const modelNames =
    (own: ReadonlySet<string>) =>
    (id: string): string =>
      own.has(id) ? freshModel(id) : id;

  function toRun({ id, head }: { readonly id: string; readonly head: Head }, own: ReadonlySet<string>): SourceRun {
    const { experiment: _, artifactUri, ...run } = fromRunRecord(head.run);
    const parent = run.tags[PARENT_TAG];
    const tags = parent !== undefined && ids.has(parent) ? { ...run.tags, [PARENT_TAG]: fresh(parent) } : run.tags;
    const named = modelNames(own);
    const source: SourceRun = {
      ...run,
      id: fresh(id),
      tags,
      experiment: experimentOf(head),
      artifactUri: artifactUri !== null && !artifactUri.startsWith('mlflow-artifacts:') ? artifactUri : '',
      modelInputs: run.modelInputs.map(named),
      modelOutputs: run.modelOutputs.map(({ model, step }) => ({ model: named(model), step })),
    };
    sources.set(source, { old: id, files: head.files });
    return source;
  }

  return {
    name: place,
    kind: 'Archive of runs',
    folders: [],
    counts: () => Promise.resolve({ experiments: 0, runs: archive.runs.length, points: null, loggedModels: 0, models: 0, versions: 0 }),
    async *experiments() {
      if (oneExperiment) return;
      const seen = new Set<string>();
      // What is damaged is told with the runs.
      for await (const { head } of heads(() => undefined)) {
        if (seen.has(head.experiment.id)) continue;
        seen.add(head.experiment.id);
        yield toExperiment(head);
      }
    },
    async *runs() {
      const own = new Set<string>();
      for await (const { head } of heads(() => undefined)) for (const { model } of head.logged_models) own.add(model.id);
      for await (const one of heads(report)) yield toRun(one, own);
    },
    history: (run) => readHistory(folder, sources.get(run)?.old ?? '', report),
    async *loggedModels() {
      for await (const { head } of heads(() => undefined)) {
        for (const { model, metrics, files } of head.logged_models) {
          const { experiment: _, ...rest }: ImportedLoggedModel = fromLoggedModelRecord(model);
          const source: SourceLoggedModel = {
            ...rest,
            id: freshModel(model.id),
            run: model.run !== null && ids.has(model.run) ? fresh(model.run) : model.run,
            experiment: experimentOf(head),
            artifactUri: '',
            metrics: metrics
              .map(fromModelMetricRecord)
              .map((metric) => ({ ...metric, run: ids.has(metric.run) ? fresh(metric.run) : metric.run })),
          };
          sources.set(source, { old: model.id, files });
          yield source;
        }
      }
    },
    async *models() {},
    async *versions() {},
    files: (owner) => ({ folder: join(folder, 'blobs'), files: (sources.get(owner)?.files ?? []).map(fromFileRecord) }),
    leftOut: () => Promise.resolve([]),
    close,
  };
}

const PARENT_TAG = 'mlflow.parentRunId';

function toExperiment({ experiment }: Head): SourceExperiment {
  const { artifactLocation, ...rest } = fromExperimentRecord(experiment);
  return {
    ...rest,
    artifactLocation: artifactLocation !== null && !artifactLocation.startsWith('mlflow-artifacts:') ? artifactLocation : '',
  };
}

/** Reads the first line of a run's file, once all of the file is seen to be what was written. Throws an Error with a reason. */
async function readHead(folder: string, id: string, sha256: string): Promise<Head> {
  const path = join(folder, runFile(id));
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  } catch (error) {
    throw new Error('its file is missing', { cause: error });
  }
  if (hash.digest('hex') !== sha256) throw new Error('its file is damaged');
  const file = await open(path, 'r');
  try {
    for await (const line of file.readLines()) {
      const parsed = headSchema.safeParse(JSON.parse(line));
      if (!parsed.success) throw new Error(`its record does not fit: ${toProblem(parsed.error)}`);
      if (parsed.data.run.id !== id) throw new Error('its record has another id');
      return parsed.data;
    }
    throw new Error('its file is empty');
  } finally {
    await file.close();
  }
}

async function* readHistory(folder: string, id: string, report: ReportProblem): AsyncGenerator<ImportedSeries> {
  const lines = createInterface({ input: createReadStream(join(folder, runFile(id))), crlfDelay: Infinity });
  let first = true;
  for await (const line of lines) {
    if (first) {
      first = false;
      continue;
    }
    const parsed = seriesSchema.safeParse(JSON.parse(line));
    if (parsed.success) yield fromSeriesRecord(parsed.data);
    else report(`run ${id}`, `points do not fit: ${toProblem(parsed.error)}`);
  }
}
