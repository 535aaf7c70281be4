import { checkPath, fault, inventName, nameRun, placeLines, toEndStatus, toSystemMetrics, toTotalCost, toTotalMetrics } from '@pawl/core';
import type {
  Artifact,
  Blobs,
  CommandEnd,
  ConsoleChunk,
  Database,
  DatasetRef,
  DatasetUser,
  DatasetVersion,
  Ids,
  Metric,
  Page,
  PageRequest,
  PipelineRun,
  Random,
  Recording,
  RunHead,
  RunInput,
  RunSurroundings,
  RunUsage,
  Task,
  Usage,
  UsageSample,
  Writers,
} from '@pawl/core';
import { toEvent } from '../event.ts';
import { checkLogBatch } from '../experiment/batch.ts';
import type { LoggedText } from '../experiment/batch.ts';
import { openRun } from '../experiment/rows.ts';
import { linkInputs } from './link.ts';
import { readLogs, readTail } from './logs.ts';
import type { LogPage, LogRequest } from './logs.ts';
import { recordUsage } from './usage.ts';
import type { Pricing } from './usage.ts';

export interface RecordingPorts extends Pricing {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly ids: Ids;
  readonly random: Random;
  readonly artifactRoot: string;
}

/** A command that is about to run, under an id that its program chose: asked twice, one run is made. */
export interface NewRecording {
  readonly run: string;
  readonly experiment: string;
  readonly name: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly inputs: readonly RunInput[];
  readonly startedAt?: number;
  readonly command: string;
  readonly host: string;
  readonly machine: string | null;
  readonly leaseMs: number;
  readonly actor: string;
}

/** What happened since the report before. */
export interface CommandReport {
  /** 1, 2, 3, …; one that was taken is not taken again. */
  readonly report: number;
  readonly console?: ConsoleChunk;
  readonly samples?: readonly (UsageSample & { readonly step: number })[];
  readonly usage?: Usage;
  readonly surroundings?: RunSurroundings;
  readonly artifacts?: readonly Omit<Artifact, 'run'>[];
  readonly inputs?: readonly RunInput[];
  /** `step` is that of the metrics that say what was used in all. */
  readonly end?: CommandEnd & { readonly at: number; readonly step: number };
}

/** How a run came about: its command, its data, its steps and what they used. */
export interface RunRecordView {
  readonly recording: Recording | null;
  readonly usage: readonly RunUsage[];
  readonly cost: { readonly amount: number; readonly currency: string } | null;
  readonly data: readonly { readonly role: string; readonly version: DatasetVersion }[];
  readonly pipeline: { readonly run: PipelineRun; readonly tasks: readonly Task[] } | null;
}

export interface RecordingService {
  /** Throws `run_id_taken`, `experiment_deleted`, `dataset_version_not_found`, `record_invalid`. */
  open(input: NewRecording): Promise<RunHead>;
  /** All of a report or nothing. Throws `recording_not_found`, `run_deleted`, `blob_not_found`, `path_unsafe`, `dataset_version_not_found`. */
  report(run: string, report: CommandReport, actor: string): Promise<Recording>;
  /** Throws `run_not_found`, as all below. */
  view(run: string): Promise<RunRecordView>;
  logs(run: string, request: LogRequest): Promise<LogPage>;
  tail(run: string, request: Omit<LogRequest, 'after'>): Promise<LogPage>;
  /** Whether no line will follow those that are there. */
  isOver(run: string): Promise<boolean>;
  /** Adds versions that a run reads. */
  link(run: string, inputs: readonly RunInput[]): Promise<void>;
  users(ref: DatasetRef, page: PageRequest): Promise<Page<DatasetUser>>;
}

export function createRecordingService(ports: RecordingPorts): RecordingService {
  const { database, blobs, clock, random } = ports;
  const { read } = database;

  async function head(run: string): Promise<RunHead> {
    const found = await read.runs.head(run);
    if (found === undefined) throw fault('run_not_found', { id: run });
    return found;
  }

  return {
    async open({ run, experiment, inputs, startedAt, command, host, machine, leaseMs, actor, ...given }) {
      const { params, tags } = checkLogBatch({ metrics: [], params: toList(given.params), tags: toList(given.tags) }, false);
      const named = nameRun(given.name, tags, () => inventName(() => random.next()));
      return database.transaction(async (tx) => {
        const stored = await tx.runs.head(run);
        if (stored !== undefined) {
          if ((await tx.recordings.get(run)) === undefined) throw fault('run_id_taken', { run });
          return stored;
        }
        const now = clock.now();
        const row = { id: run, ...named, startedAt: startedAt ?? now, code: null, environment: {}, params };
        const opened = await openRun(tx, ports, experiment, row, actor);
        await linkInputs(tx, run, inputs);
        await tx.recordings.put({
          run,
          command,
          host,
          machine,
          state: 'open',
          report: 0,
          openedAt: now,
          heardAt: now,
          leaseMs,
          exitCode: null,
          signal: null,
          console: { last: 0, headBytes: 0, tailBytes: 0 },
        });
        return opened;
      });
    },

    async report(run, report, actor) {
      for (const { path, digest } of report.artifacts ?? []) {
        checkPath(path);
        if (!(await blobs.has(digest))) throw fault('blob_not_found', { digest });
      }
      return database.transaction(async (tx) => {
        const stored = await tx.recordings.get(run);
        const before = await tx.runs.head(run);
        if (stored === undefined || before === undefined) throw fault('recording_not_found', { run });
        if (before.lifecycle === 'deleted') throw fault('run_deleted', { id: run });
        if (report.report <= stored.report) return stored;
        const next = await take(tx, ports, before, stored, report, actor);
        await tx.recordings.put(next);
        return next;
      });
    },

    async view(run) {
      await head(run);
      const usage = await read.recordings.usage(run);
      const data: { role: string; version: DatasetVersion }[] = [];
      for (const input of await read.runs.inputs(run)) {
        const version = await read.datasets.version(input);
        if (version !== undefined) data.push({ role: input.role, version });
      }
      const pipelineRun = await read.pipelines.run(run);
      return {
        recording: (await read.recordings.get(run)) ?? null,
        usage,
        cost: toTotalCost(usage),
        data,
        pipeline: pipelineRun === undefined ? null : { run: pipelineRun, tasks: await read.tasks.byRun(run) },
      };
    },

    async logs(run, request) {
      await head(run);
      return readLogs(database, run, request);
    },

    async tail(run, request) {
      await head(run);
      return readTail(database, run, request);
    },

    async isOver(run) {
      const { status } = await head(run);
      const recording = await read.recordings.get(run);
      // A script may end its run by itself and go on; what ends the log is the end of the command.
      return recording === undefined ? status !== 'running' && status !== 'scheduled' : recording.state !== 'open';
    },

    async link(run, inputs) {
      await database.transaction(async (tx) => {
        const found = await tx.runs.head(run);
        if (found === undefined) throw fault('run_not_found', { id: run });
        if (found.lifecycle === 'deleted') throw fault('run_deleted', { id: run });
        await linkInputs(tx, run, inputs);
      });
    },

    users: (ref, page) => read.recordings.users(ref, page),
  };
}

function toList(texts: Readonly<Record<string, string>>): LoggedText[] {
  return Object.entries(texts).map(([key, value]) => ({ key, value }));
}

/** Writes what a report says; gives the recording as it is then. */
async function take(
  tx: Writers,
  ports: RecordingPorts,
  run: RunHead,
  stored: Recording,
  report: CommandReport,
  actor: string,
): Promise<Recording> {
  const { id } = run;
  const placed = report.console && placeLines(stored.console, report.console);
  let { console } = stored;
  if (placed !== undefined) {
    await tx.recordings.append(id, placed.chunk, placed.part, placed.bytes);
    const dropped = placed.excess === 0 ? 0 : await tx.recordings.dropTail(id, placed.excess);
    console = { ...placed.state, tailBytes: placed.state.tailBytes - dropped };
  }
  const metrics = toMetrics(id, report);
  const artifacts = (report.artifacts ?? []).map((artifact): Artifact => ({ run: id, ...artifact }));
  await tx.runs.record(id, { metrics, artifacts });
  await linkInputs(tx, id, report.inputs ?? []);
  if (report.surroundings !== undefined) await tx.recordings.setSurroundings(id, report.surroundings);
  if (report.usage !== undefined)
    await recordUsage(tx, ports, { run: id, source: '', attempt: 1, task: null, machine: stored.machine, ...report.usage });
  await settle(tx, ports, run, stored, report, actor);
  return {
    ...stored,
    state: report.end === undefined && stored.state !== 'ended' ? 'open' : 'ended',
    report: report.report,
    heardAt: ports.clock.now(),
    console,
    ...(report.end === undefined ? {} : { exitCode: report.end.exitCode, signal: report.end.signal }),
  };
}

function toMetrics(run: string, { samples = [], usage, end }: CommandReport): readonly Metric[] {
  const points = (values: Readonly<Record<string, number>>, step: number, time: number): Metric[] =>
    Object.entries(values).map(([key, value]) => ({ run, key, value, step, time }));
  const sampled = samples.flatMap((sample) => points(toSystemMetrics(sample, ''), sample.step, sample.time));
  return usage === undefined || end === undefined ? sampled : [...sampled, ...points(toTotalMetrics(usage, ''), end.step, end.at)];
}

/** The run's state follows its command's: that ends it, whatever the script said before, and one taken for lost runs again when something is heard of it. */
async function settle(
  tx: Writers,
  ports: RecordingPorts,
  run: RunHead,
  stored: Recording,
  { end }: CommandReport,
  actor: string,
): Promise<void> {
  const { id } = run;
  if (end !== undefined) {
    const status = toEndStatus(end);
    await tx.runs.update(id, { status, endedAt: end.at });
    if (status !== run.status) await tx.events.append([toEvent(ports, 'run.ended', `run/${id}`, actor, { run: id, status })]);
    return;
  }
  if (stored.state !== 'lost' || run.status !== 'killed') return;
  await tx.runs.update(id, { status: 'running', endedAt: null });
  await tx.events.append([toEvent(ports, 'run.changed', `run/${id}`, actor, { run: id, status: 'running' })]);
}
