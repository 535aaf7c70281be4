import { checkPath, fault } from '@pawl/core';
import type {
  Artifact,
  Blobs,
  Clock,
  CodeVersion,
  Database,
  Experiment,
  Ids,
  Metric,
  Page,
  PageRequest,
  Run,
  RunInput,
  RunStatus,
} from '@pawl/core';
import { findExperiment } from './find.ts';
import { linkInputs } from '../recording/link.ts';
import { endRun, openRun } from './rows.ts';

export interface RunPorts {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface NewRun {
  /** Name of the experiment; made when it is not there. */
  readonly experiment: string;
  readonly name: string;
  readonly code: CodeVersion | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly actor: string;
  /** Epoch ms; now when absent. */
  readonly startedAt?: number;
}

export interface NewMetric {
  readonly key: string;
  readonly value: number;
  /** 0 when absent. */
  readonly step?: number;
  /** Epoch ms; now when absent. */
  readonly time?: number;
}

export interface RunReport {
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly inputs?: readonly RunInput[];
  readonly metrics?: readonly NewMetric[];
}

export interface RunService {
  create(input: NewRun): Promise<Run>;
  /** Throws `run_not_found`. */
  get(id: string): Promise<Run>;
  /** Newest first; all experiments when none is given. */
  list(experiment: number | undefined, page: PageRequest): Promise<Page<Run>>;
  /** Adds what is new. A parameter keeps its first value. Throws `run_not_found`, `run_deleted`, `run_ended`. */
  record(id: string, report: RunReport): Promise<void>;
  /** Stores a file of the run under a relative path; the last one under a path wins. Throws `path_unsafe`, `run_not_found`, `run_ended`. */
  addArtifact(id: string, path: string, source: AsyncIterable<Uint8Array>): Promise<Artifact>;
  artifacts(id: string): Promise<readonly Artifact[]>;
  inputs(id: string): Promise<readonly RunInput[]>;
  latestMetrics(id: string): Promise<readonly Metric[]>;
  metricHistory(id: string, key: string): Promise<readonly Metric[]>;
  /** Ending a run that has ended changes nothing. Throws `run_not_found`. */
  end(id: string, status: Exclude<RunStatus, 'running'>, actor: string): Promise<Run>;

  /** By number, name, or folder and name. Throws `experiment_not_found`. */
  experiment(which: number | string): Promise<Experiment>;
}

export function createRunService(ports: RunPorts): RunService {
  const { database, blobs, clock, ids } = ports;

  const get = async (id: string): Promise<Run> => {
    const run = await database.read.runs.get(id);
    if (run === undefined) throw fault('run_not_found', { id });
    return run;
  };

  const requireRunning = (run: Run | undefined, id: string): void => {
    if (run === undefined) throw fault('run_not_found', { id });
    if (run.lifecycle === 'deleted') throw fault('run_deleted', { id });
    if (run.status !== 'running') throw fault('run_ended', { id, status: run.status });
  };

  return {
    get,
    async create({ experiment, actor, startedAt, ...rest }) {
      const run = { id: ids.next(), startedAt: startedAt ?? clock.now(), ...rest };
      return database.transaction((tx) => openRun(tx, ports, experiment, run, actor));
    },
    list: (experiment, page) => database.read.runs.list(experiment, page),
    async record(id, { metrics, inputs = [], ...rest }) {
      const now = clock.now();
      const rows = metrics?.map(({ key, value, step, time }): Metric => ({ run: id, key, value, step: step ?? 0, time: time ?? now }));
      await database.transaction(async (tx) => {
        requireRunning(await tx.runs.get(id), id);
        await linkInputs(tx, id, inputs);
        await tx.runs.record(id, { ...rest, ...(rows === undefined ? {} : { metrics: rows }) });
      });
    },
    async addArtifact(id, path, source) {
      checkPath(path);
      requireRunning(await database.read.runs.get(id), id);
      const artifact: Artifact = { run: id, path, ...(await blobs.putStream(source)) };
      await database.transaction(async (tx) => {
        requireRunning(await tx.runs.get(id), id);
        await tx.runs.record(id, { artifacts: [artifact] });
      });
      return artifact;
    },
    async artifacts(id) {
      await get(id);
      return database.read.runs.artifacts(id);
    },
    async inputs(id) {
      await get(id);
      return database.read.runs.inputs(id);
    },
    async latestMetrics(id) {
      await get(id);
      return database.read.runs.latestMetrics(id);
    },
    async metricHistory(id, key) {
      await get(id);
      return database.read.runs.metricHistory(id, key);
    },
    async end(id, status, actor) {
      await get(id);
      await database.transaction((tx) => endRun(tx, ports, id, status, actor));
      return get(id);
    },
    async experiment(which) {
      return findExperiment(database.read, which);
    },
  };
}
