// A Pawl without its server: real database, content store, tables and child processes in a temporary home, driven tick by tick.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { toUuid7 } from '@pawl/core';
import type { Clock, Database, DatasetVersion, Log, PipelineRun, PipelineSpec, PipelineStep, RunCause, Task } from '@pawl/core';
import {
  createFolders,
  createFsBlobs,
  createGitInspector,
  createProcessExecutor,
  createPythons,
  createTables,
  hashSha256,
  openSqlite,
} from '@pawl/drivers';
import { createDatasetService, createPipelineService, createReaper, createRunService, createWorker } from '@pawl/engine';
import type { AttemptPorts, DatasetService, Loop, PipelineService, RunService, Worker, WorkerOptions } from '@pawl/engine';

const DEADLINE_MS = 60_000;

const UNDER_WAY: ReadonlySet<PipelineRun['state']> = new Set(['running', 'paused', 'canceling']);

/** The machine's time, which a test may push forward. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export interface Rig {
  readonly home: string;
  /** Folder of the project, where steps run. */
  readonly root: string;
  readonly database: Database;
  readonly ports: AttemptPorts;
  readonly clock: TestClock;
  readonly datasets: DatasetService;
  readonly pipelines: PipelineService;
  readonly runs: RunService;
  worker(options?: Partial<WorkerOptions>, ports?: Partial<AttemptPorts>): Worker;
  define(spec: PipelineSpec): ReturnType<PipelineService['define']>;
  /** @param aheadMs how far its clock is before that of the workers */
  reaper(leaseMs?: number, aheadMs?: number): Loop;
  /** Writes a file of the project. */
  write(path: string, text: string): void;
  /** A file of the project; empty when it is not there. */
  read(path: string): string;
  /** Adds a version of a dataset with these files. */
  add(dataset: string, files: Readonly<Record<string, string>>): Promise<DatasetVersion>;
  /** Ticks the loops until the run has ended. */
  drive(run: string, ...loops: readonly Loop[]): Promise<PipelineRun>;
  /** Ticks a loop until `done`. */
  until(done: () => boolean | Promise<boolean>, loop: Loop): Promise<void>;
  states(run: string): Promise<Readonly<Record<string, Task['state']>>>;
  task(run: string, step: string): Promise<Task>;
  logText(run: string, step: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Where packages come from is the machine's business. */
const installer = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(?:PIP_|PATH$|HOME$)/.test(name))) as Record<
  string,
  string
>;

const quiet = (): void => undefined;
/** What a program would log is not what these tests look at; a broken attempt still shows. */
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: (fields, message) => console.error(message, fields) };

/**
 * @param at an existing home to open again; the caller keeps it
 * @param other a database in the place of the home's own
 */
export async function openRig(at?: string, other?: Database): Promise<Rig> {
  const home = at ?? mkdtempSync(join(tmpdir(), 'pawl-pipeline-'));
  const root = join(home, 'project');
  mkdirSync(root, { recursive: true });
  let ahead = 0;
  const clock: TestClock = { now: () => Date.now() + ahead, advance: (ms) => void (ahead += ms) };
  const database = other ?? (await openSqlite({ path: join(home, 'pawl.db') }));
  const folders = createFolders({ root: home });
  const blobs = createFsBlobs({ root: join(home, 'blobs') });
  const tables = createTables({ threads: 1 });
  const ids = { next: () => toUuid7(clock.now(), randomBytes(10)) };
  const base = { database, blobs, folders, tables, clock, ids, hash: hashSha256, log, environment: { node: process.version } };
  const datasets = createDatasetService(base);
  const pipelines = createPipelineService({ ...base, datasets, code: createGitInspector() });
  const ports: AttemptPorts = {
    ...base,
    datasets,
    executor: createProcessExecutor({ clock, basics: {}, warm: true }),
    pythons: createPythons({ root: join(home, 'environments'), clock, env: installer }),
    random: { next: () => 0.5, bytes: (length) => randomBytes(length) },
    surroundings: {
      inherited: { PATH: process.env['PATH'] ?? '' },
      pathPrefix: dirname(process.execPath),
      server: 'http://127.0.0.1:5055',
    },
  };
  const task = async (run: string, step: string): Promise<Task> => {
    const found = (await pipelines.tasks(run)).find((one) => one.step === step);
    if (found === undefined) throw new Error(`no task of step ${step}`);
    return found;
  };
  return {
    home,
    root,
    database,
    ports,
    clock,
    datasets,
    pipelines,
    task,
    runs: createRunService(base),
    worker: (options, own) => createWorker({ ...ports, ...own }, { worker: 'w1', ...options }),
    define: (spec) => database.transaction((tx) => pipelines.define(tx, spec, root, 'user:test')),
    reaper: (leaseMs = 1000, aheadMs = 0) => createReaper({ ...base, leaseMs, clock: { now: () => clock.now() + aheadMs } }),
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    read(path) {
      try {
        return readFileSync(join(root, path), 'utf8');
      } catch {
        return '';
      }
    },
    async add(dataset, files) {
      const folder = mkdtempSync(join(home, 'incoming-'));
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      const manifest = await datasets.store(folder);
      rmSync(folder, { recursive: true });
      return (await datasets.add({ dataset, manifest, message: '', actor: 'user:test', task: null })).version;
    },
    async drive(run, ...loops) {
      const end = Date.now() + DEADLINE_MS;
      for (;;) {
        for (const loop of loops) await loop.tick();
        const found = await pipelines.run(run);
        if (!UNDER_WAY.has(found.state)) return found;
        if (Date.now() > end) throw new Error(`run ${run} did not end: ${JSON.stringify(await pipelines.tasks(run))}`);
        await sleep(5);
      }
    },
    async until(done, loop) {
      for (const end = Date.now() + DEADLINE_MS; !(await done()); await sleep(5)) {
        if (Date.now() > end) throw new Error(`${loop.name} did not come to it`);
        await loop.tick();
      }
    },
    async states(run) {
      return Object.fromEntries((await pipelines.tasks(run)).map((one) => [one.step, one.state]));
    },
    async logText(run, step) {
      return (await pipelines.logs(run, step, 0, 100_000)).map((line) => line.text);
    },
    async close() {
      await database.close();
      await tables.close();
      if (at === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Runs `work` with a fresh rig. */
export async function withRig(work: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await openRig();
  try {
    await work(rig);
  } finally {
    await rig.close();
  }
}

export function step(name: string, run: string, more: Partial<PipelineStep> = {}): PipelineStep {
  return { name, run, inputs: {}, outputs: {}, params: [], code: [], after: [], retries: 0, timeoutMs: 30_000, cache: true, ...more };
}

export function pipeline(steps: readonly PipelineStep[], params: Readonly<Record<string, string>> = {}): PipelineSpec {
  return { name: 'p', experiment: 'spam', params, steps };
}

export const file = (name: string, dataset: string | null = null) => ({ type: 'file', dataset, name }) as const;
export const fromDataset = (dataset: string) => ({ from: 'dataset', dataset }) as const;
export const fromStep = (of: string, output: string) => ({ from: 'step', step: of, output }) as const;

export function manual(key: string): RunCause {
  return { type: 'manual', actor: 'user:test', key, event: null, note: '' };
}
