import { fault } from '@pawl/core';
import type {
  ArtifactFile,
  Blobs,
  Clock,
  ConflictPolicy,
  Database,
  Hash,
  Ids,
  ImportedExperiment,
  ImportedFiles,
  ImportedLoggedModel,
  ImportedModel,
  ImportedModelMetric,
  ImportedRun,
  ImportedSeries,
  ImportedVersion,
  ImportKind,
  ImportResult,
  Page,
} from '@pawl/core';
import type { ArtifactService } from '../artifact/service.ts';
import type { LoggedModelService } from '../logged-model/service.ts';
import type { ModelService } from '../model/service.ts';
import { digestLoggedModels, digestRuns } from './digests.ts';
import { createExperimentImport } from './experiments.ts';
import type { ExperimentResult } from './experiments.ts';
import { createModelImport } from './models.ts';
import { readPoints, readWhole } from './read.ts';
import { createRunImport } from './runs.ts';

export interface ImportPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hash: Hash;
  /** Root URI of experiments that name no location of their own. */
  readonly artifactRoot: string;
  readonly artifacts: ArtifactService;
  readonly loggedModels: LoggedModelService;
  readonly models: ModelService;
}

/** How records come in: by whom, and whether what is there already may be changed. */
export interface ImportRequest {
  /** What they come from, for the record of what happened. */
  readonly source: string;
  readonly policy: ConflictPolicy;
  readonly actor: string;
}

export interface RunBatchItem {
  readonly run: ImportedRun;
  readonly series: readonly ImportedSeries[];
  readonly files: readonly ArtifactFile[];
  /** False when more points or files of it will come; until then it counts as begun. */
  readonly complete: boolean;
}

export interface LoggedModelBatchItem {
  readonly model: ImportedLoggedModel;
  readonly metrics: readonly ImportedModelMetric[];
  readonly files: readonly ArtifactFile[];
  readonly complete: boolean;
}

export interface MorePoints {
  readonly run: string;
  readonly series: readonly ImportedSeries[];
}

/** What stands under an id: `digest` is undefined where nothing does. */
export interface KnownRecord {
  readonly id: string;
  readonly pending: boolean;
  readonly digest: string | undefined;
  readonly points: number;
  /** `digestListing` of its files. */
  readonly listing: string | undefined;
}

export interface WholeRun {
  readonly run: ImportedRun;
  readonly experiment: ImportedExperiment;
  readonly files: readonly ArtifactFile[];
  /** Those that the run made, with their metrics and files. */
  readonly loggedModels: readonly Omit<LoggedModelBatchItem, 'complete'>[];
  readonly digest: string;
  readonly points: number;
}

/**
 * Records of other stores with the ids and times that they have there. Every act can be done again: what came once is left as it is, and an import that
 * was cut off is gone on with.
 */
export interface ImportService {
  /** `renumber` finds experiments by name, and gives one whose number is taken the next one. */
  experiments(
    items: readonly ImportedExperiment[],
    renumber: boolean,
    request: ImportRequest,
    dryRun: boolean,
  ): Promise<readonly ExperimentResult[]>;
  /** Those of the ids that are there; with digests when asked. */
  known(kind: ImportKind, ids: readonly string[], withDigests: boolean): Promise<readonly KnownRecord[]>;
  /** All in one transaction. Throws `blob_not_found`, `experiment_not_found`. */
  runs(items: readonly RunBatchItem[], request: ImportRequest): Promise<readonly ImportResult[]>;
  loggedModels(items: readonly LoggedModelBatchItem[], request: ImportRequest): Promise<readonly ImportResult[]>;
  /** Adds to records whose import has begun. Throws `run_not_found`. */
  more(points: readonly MorePoints[], files: readonly ImportedFiles[]): Promise<void>;
  /** Says that everything of these has come. */
  complete(kind: ImportKind, ids: readonly string[]): Promise<void>;
  models(items: readonly ImportedModel[], request: ImportRequest, dryRun: boolean): Promise<readonly ImportResult[]>;
  /** Of models that are there. `id` of a result is `<model>/<version>`. */
  versions(items: readonly ImportedVersion[], request: ImportRequest, dryRun: boolean): Promise<readonly ImportResult[]>;
  /** A run as an import takes it. Throws `run_not_found`. */
  whole(run: string): Promise<WholeRun>;
  /** Points of a run, those of a metric together and in order. Throws `run_not_found`, `invalid_cursor`. */
  pointsOf(run: string, limit: number, after: string | undefined): Promise<Page<ImportedSeries>>;
  /** What MLflow's clients call the experiments whose number is another there; what another server brought in shows after two seconds. */
  foreignIds(): Promise<ReadonlyMap<number, string>>;
  /** The experiment that has this number for MLflow's clients only. */
  experimentOf(foreign: string): Promise<number | undefined>;
}

/** Another server may have imported meanwhile. */
const FOREIGN_MS = 2000;

export function createImportService(ports: ImportPorts): ImportService {
  const { database, blobs, hash } = ports;
  const { read } = database;

  /** Throws `blob_not_found`. */
  const requireStored = async (files: readonly ArtifactFile[]): Promise<void> => {
    for (const digest of new Set(files.map((file) => file.digest)))
      if (!(await blobs.has(digest))) throw fault('blob_not_found', { digest });
  };
  const bringExperiments = createExperimentImport(ports);
  let foreign: { readonly at: number; readonly ids: Promise<ReadonlyMap<number, string>> } | undefined;
  const runs = createRunImport(ports);
  const models = createModelImport(ports);

  return {
    async experiments(...request) {
      const results = await bringExperiments(...request);
      foreign = undefined;
      return results;
    },
    async known(kind, ids, withDigests) {
      const found = await read.imports.known(kind, ids);
      const there = [...found.keys()];
      const digests = withDigests
        ? await (kind === 'run' ? digestRuns(read, hash, there) : digestLoggedModels(read, hash, there))
        : undefined;
      return there.map((id) => ({
        id,
        pending: found.get(id)?.pending === true,
        digest: digests?.get(id)?.digest,
        points: digests?.get(id)?.points ?? 0,
        listing: digests?.get(id)?.listing,
      }));
    },
    async runs(items, request) {
      await requireStored(items.flatMap(({ files }) => files));
      return runs.runs(items, request);
    },
    async loggedModels(items, request) {
      await requireStored(items.flatMap(({ files }) => files));
      return runs.loggedModels(items, request);
    },
    async more(points, files) {
      await requireStored(files.flatMap((one) => one.files));
      await runs.more(points, files);
    },
    complete: (kind, ids) => database.transaction((tx) => tx.imports.mark(kind, ids, false)),
    whole: (run) => readWhole(read, hash, run),
    pointsOf: (run, limit, after) => readPoints(read, run, limit, after),
    models: models.models,
    versions: models.versions,
    async foreignIds() {
      const now = ports.clock.now();
      if (foreign === undefined || now - foreign.at > FOREIGN_MS) foreign = { at: now, ids: read.imports.foreignIds() };
      return foreign.ids;
    },
    experimentOf: (foreign) => read.imports.experimentOf(foreign),
  };
}
