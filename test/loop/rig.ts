// The control plane without its server: services and loops on a real database, content store, tables and models, in simulated time and driven tick by tick.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import type {
  Database,
  DatasetRef,
  DatasetVersion,
  Event,
  Hash,
  Ids,
  Label,
  Log,
  ModelVersion,
  PredictionRecord,
  RunInput,
} from '@pawl/core';
import { createFolders, createFsBlobs, createIds, createSeededRandom, createSimulatedClock, createTables, hashSha256 } from '@pawl/drivers';
import type { SimulatedClock } from '@pawl/drivers';
import {
  createCheckService,
  createDatasetService,
  createFeatureService,
  createGateService,
  createLineageService,
  createModelService,
  createMonitorService,
  createProfileService,
  createRolloutService,
  createStageService,
} from '@pawl/engine';
import type { DatasetPorts, Loop } from '@pawl/engine';
import { createModelStore } from '../../packages/app/src/model-source.ts';
import { openPostgresForTest, openSqliteForTest } from '../../packages/drivers/conformance/harness.ts';
import type { Opened } from '../../packages/drivers/conformance/harness.ts';
import { toLogisticOnnx } from '../serving/onnx-file.ts';
import { writePackage } from '../serving/stand.ts';
import { freshDatabase } from '../support/postgres.ts';
import type { FreshDatabase } from '../support/postgres.ts';
import { servedRow } from '../support/prediction.ts';

export const START = Date.UTC(2026, 0, 5);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export type Rig = Awaited<ReturnType<typeof openRig>>;

export type Ports = DatasetPorts & { readonly hash: Hash; readonly log: Log };

let shared: Promise<FreshDatabase> | undefined;

after(async () => (await shared)?.drop());

/** PostgreSQL on one database a test file, emptied after each test: making one for each takes longer than most of the tests. */
async function openPostgres(): Promise<Opened> {
  shared ??= freshDatabase();
  const { url } = await shared;
  return openPostgresForTest(async () => ({ url, drop: () => empty(url) }));
}

async function empty(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ tables: string }>(
      "SELECT string_agg(quote_ident(table_name), ', ') AS tables FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'pawl_migration'",
    );
    await client.query(`TRUNCATE ${rows[0]?.tables} RESTART IDENTITY CASCADE`);
  } finally {
    await client.end();
  }
}

const engines = { SQLite: openSqliteForTest, PostgreSQL: openPostgres } as const;

/** The same test on each engine of the database port. */
export function testOnEach(name: string, body: (rig: Rig) => Promise<void>): void {
  for (const [engine, open] of Object.entries(engines)) {
    test(`${engine}: ${name}`, async () => {
      const rig = await openRig(await open());
      try {
        await body(rig);
      } finally {
        await rig.close();
      }
    });
  }
}

/** What the program would have logged, for tests to ask about. */
function createLogBook(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const take = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level}: ${message} ${'err' in fields ? String(fields.err) : ''}`);
  return { lines, log: { debug: () => undefined, info: take('info'), warn: take('warn'), error: take('error') } };
}

/** The services over one handle on a database, as one process of a server has them. */
function createServices(database: Database, shared: Omit<Ports, 'database'>) {
  const ports: Ports = { ...shared, database };
  const modelStore = createModelStore(ports);
  const datasets = createDatasetService(ports);
  const models = createModelService({ ...ports, verifyPackage: (manifest) => modelStore.verify(manifest) });
  const rollouts = createRolloutService({ ...ports, models });
  return {
    ports,
    modelStore,
    datasets,
    models,
    profiles: createProfileService({ ...ports, datasets }),
    checks: createCheckService({ ...ports, datasets }),
    features: createFeatureService({ ...ports, datasets }),
    gates: createGateService({ ...ports, datasets, evaluator: modelStore }),
    rollouts,
    stages: createStageService({ ...ports, rollouts }),
    monitors: createMonitorService(ports),
    lineage: createLineageService(ports),
  };
}

async function openRig(opened: Opened) {
  const home = mkdtempSync(join(tmpdir(), 'pawl-loop-'));
  const clock: SimulatedClock = createSimulatedClock(START);
  const ids: Ids = createIds(clock, createSeededRandom('loop'));
  const tables = createTables({ threads: 1 });
  const book = createLogBook();
  const { database } = opened;
  const shared = {
    blobs: createFsBlobs({ root: join(home, 'blobs') }),
    folders: createFolders({ root: home }),
    tables,
    clock,
    ids,
    hash: hashSha256,
    log: book.log,
  };
  const services = createServices(database, shared);

  const add = async (dataset: string, files: Readonly<Record<string, string>>): Promise<DatasetVersion> => {
    const folder = mkdtempSync(join(home, 'incoming-'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const manifest = await services.datasets.store(folder);
    return (await services.datasets.add({ dataset, manifest, message: '', actor: 'user:ann', task: null })).version;
  };

  return {
    ...services,
    home,
    database,
    target: opened.target,
    clock,
    ids,
    logLines: book.lines,
    /** Adds a version of a dataset with these files. */
    add,
    /** Adds a version that is one table. */
    addRows: (dataset: string, rows: readonly object[]) => add(dataset, { 'rows.jsonl': toLines(rows) }),
    /** What another process of the same server has: the same database and content, a home and ids of its own. */
    async another() {
      const root = mkdtempSync(join(home, 'other-'));
      return createServices(await opened.another(), {
        ...shared,
        folders: createFolders({ root }),
        ids: createIds(clock, createSeededRandom(root)),
      });
    },
    /** Registers a logistic regression: positive where Σ weight · column + bias > 0. */
    async register(
      weights: Readonly<Record<string, number>>,
      bias: number,
      more: { readonly evaluation?: DatasetRef; readonly inputs?: readonly RunInput[]; readonly key?: string; readonly run?: string } = {},
    ): Promise<ModelVersion> {
      const folder = mkdtempSync(join(home, 'package-'));
      writePackage(folder, { onnx: toLogisticOnnx(weights, bias) });
      const { version } = await services.models.register({
        model: 'spam-filter',
        manifest: await services.datasets.store(folder),
        run: more.run ?? null,
        task: null,
        inputs: more.inputs ?? [],
        evaluation: more.evaluation ?? null,
        description: '',
        key: more.key ?? ids.next(),
        actor: 'user:ann',
      });
      return version;
    },
    predict: (records: readonly PredictionRecord[]) => database.transaction((tx) => tx.predictions.insert(records)),
    label: (labels: readonly Label[]) => services.monitors.label(labels),
    async eventTypes(): Promise<readonly string[]> {
      return (await allEvents(database)).map((event) => event.type);
    },
    events: () => allEvents(database),
    async close() {
      await opened.close();
      await tables.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function allEvents(database: Database): Promise<readonly Event[]> {
  const found: Event[] = [];
  for (;;) {
    const page = await database.read.events.after(found.at(-1)?.seq ?? 0, 500);
    if (page.length === 0) return found;
    found.push(...page);
  }
}

export function toLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** Ticks loops until none of them did anything. */
export async function settle(...loops: readonly Loop[]): Promise<void> {
  for (let round = 0; round < 1000; round++) {
    let acted = false;
    for (const loop of loops) acted = (await loop.tick()) || acted;
    if (!acted) return;
  }
  throw new Error(`${loops.map((loop) => loop.name).join(', ')} never came to rest`);
}

/** One served row; `label` is what the model said. */
export function prediction(id: string, more: Partial<PredictionRecord> & { readonly label?: boolean } = {}): PredictionRecord {
  const { label = false, ...rest } = more;
  return servedRow(id, { time: START, latencyMs: 3, outputs: { label: label ? 1 : 0, probability: label ? 0.9 : 0.1 }, ...rest });
}

export function truth(of: string, value: boolean, time: number, row = 0): Label {
  return { endpoint: 'spam', prediction: of, row, value, time };
}
