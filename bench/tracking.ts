/**
 * Pawl and the real `mlflow server` from PyPI under the same requests: one keep-alive client over MLflow's REST API, both servers up at once and asked in turns, on
 * SQLite and then on one PostgreSQL. Times are taken against MLflow's server at its leanest, memory and many writers against the server as it starts by itself.
 * `ratio` says how many times better than the peer. `npm run bench -- tracking sqlite` (or `postgres`) does one of the two.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, stderr } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { ensurePython } from '../scripts/python.ts';
import { startPostgres } from '../test/support/embedded-postgres.ts';
import type { Benchmark, Figure } from './figure.ts';
import { createApi, median, quantile, takeTurns, throughput, watched } from './tracking/client.ts';
import type { Api } from './tracking/client.ts';
import { ensureDriver } from './tracking/driver.ts';
import { fill } from './tracking/fill.ts';
import { goals, toFigure } from './tracking/goals.ts';
import type { Measured } from './tracking/goals.ts';
import { searches } from './tracking/searches.ts';
import { mlflow, pawl, stopLeft } from './tracking/server.ts';
import type { Running, Subject } from './tracking/server.ts';

const RUNS = 100_000;
const POINTS = 1_000_000;
const WRITERS = 8;
const IDLE_MS = 5000;

/** One of the two while it runs. */
interface Side {
  readonly subject: Subject;
  readonly running: Running;
  readonly api: Api;
  /** What was measured of it so far. */
  readonly found: Record<string, number>;
}

async function startAll(subjects: readonly Subject[], found: ReadonlyMap<Subject, Record<string, number>>): Promise<readonly Side[]> {
  const sides: Side[] = [];
  for (const subject of subjects) {
    const running = await subject.start();
    sides.push({ subject, running, api: createApi(running.url), found: found.get(subject) ?? {} });
  }
  return sides;
}

const stopAll = (sides: readonly Side[]): Promise<unknown> => Promise.all(sides.map(({ running }) => running.stop()));

async function turns(
  name: string,
  sides: readonly Side[],
  plan: Parameters<typeof takeTurns>[1],
  call: (side: Side, turn: number) => Promise<unknown>,
): Promise<void> {
  stderr.write(`  ${name} …\n`);
  for (const [{ found }, took] of await takeTurns(sides, plan, call)) found[name] = median(took);
}

/** A training's writes; gives the run that they went to, and an experiment to fill. */
async function measureWrites(sides: readonly Side[]): Promise<ReadonlyMap<Subject, { readonly run: string; readonly experiment: number }>> {
  const places = new Map<Subject, { readonly run: string; readonly small: string; readonly experiment: number }>();
  for (const { subject, api } of sides) {
    const { experiment_id: small } = await api.post('experiments/create', { name: 'speed' });
    const { experiment_id: large } = await api.post('experiments/create', { name: 'large' });
    places.set(subject, { small, run: await newRun(api, small), experiment: Number(large) });
  }
  await turns('create_run', sides, { rounds: 15, each: 20, warm: 30 }, ({ api, subject }) => newRun(api, places.get(subject)?.small ?? ''));
  await turns('log_metric', sides, { rounds: 20, each: 50, warm: 100 }, ({ api, subject }, turn) =>
    logMetric(api, places.get(subject)?.run ?? '', turn),
  );
  // Ten series of a hundred steps each, as a training logs them.
  await turns('log_batch', sides, { rounds: 10, each: 2, warm: 2 }, ({ api, subject }, turn) =>
    api.post('runs/log-batch', {
      run_id: places.get(subject)?.run,
      metrics: Array.from({ length: 1000 }, (_, n) => ({
        key: `m${n % 10}`,
        value: Math.sin(n),
        timestamp: 1_700_000_000_000 + n,
        step: turn * 100 + Math.floor(n / 10),
      })),
    }),
  );
  for (const { found } of sides) found['log_batch'] = 1_000_000 / (found['log_batch'] ?? Number.NaN);
  return places;
}

const newRun = async (api: Api, experiment: string): Promise<string> =>
  (await api.post('runs/create', { experiment_id: experiment, start_time: Date.now(), tags: [{ key: 'team', value: 'a' }] })).run.info
    .run_id;

const logMetric = (api: Api, run: string, turn: number): Promise<unknown> =>
  api.post('runs/log-metric', { run_id: run, key: 'loss', value: 1 / (turn + 1), timestamp: Date.now(), step: turn });

async function measureReads(sides: readonly Side[], places: Awaited<ReturnType<typeof measureWrites>>): Promise<void> {
  for (const [name, { query, page, finds }] of Object.entries(searches)) {
    const ask = ({ api, subject }: Side, token?: string) =>
      api.post('runs/search', {
        experiment_ids: [String(places.get(subject)?.experiment)],
        max_results: 1000,
        ...query,
        ...(token === undefined ? {} : { page_token: token }),
      });
    const tokens = new Map<Side, string | undefined>();
    for (const side of page === 2 ? sides : []) tokens.set(side, (await ask(side)).next_page_token);
    await turns(name, sides, { rounds: 4, each: 1, warm: 1 }, async (side) => {
      const { runs = [] } = await ask(side, tokens.get(side));
      if (runs.length !== finds) throw new Error(`${name} found ${runs.length} runs, not ${finds}`);
    });
  }
  for (const { api, subject, found } of sides) {
    stderr.write(`  metric_history of ${subject.kind} …\n`);
    const { took, probes } = await watched(() => readHistory(api, places.get(subject)?.run ?? ''), api.health);
    found['metric_history'] = took;
    found['health_p99'] = quantile(probes, 0.99);
  }
}

/** All points of a long series, page by page. */
async function readHistory(api: Api, run: string): Promise<void> {
  let seen = 0;
  let token: string | undefined;
  do {
    const page = await api.get('metrics/get-history', {
      run_id: run,
      metric_key: 'long',
      max_results: '25000',
      ...(token === undefined ? {} : { page_token: token }),
    });
    seen += page.metrics.length;
    token = page.next_page_token;
  } while (token);
  if (seen !== POINTS) throw new Error(`the history has ${seen} points`);
}

/** Of the servers as people start them. */
async function measureUsual(sides: readonly Side[], places: Awaited<ReturnType<typeof measureWrites>>, usual: Subject): Promise<void> {
  const [search] = Object.values(searches);
  for (const { subject, api, found } of sides) {
    const place = places.get(subject) ?? [...places].find(([{ kind }]) => kind === usual.kind)?.[1];
    if (place === undefined) continue;
    await api.post('runs/search', { experiment_ids: [String(place.experiment)], max_results: 1000, ...search?.query });
    stderr.write(`  ${WRITERS} writers to ${subject.kind} …\n`);
    found['create_run_many'] = await throughput(WRITERS, 200, () => newRun(api, String(place.experiment)));
    found['log_metric_many'] = await throughput(WRITERS, 400, (turn) => logMetric(api, place.run, 10_000 + turn));
  }
  for (const { running, found } of sides) found['memory'] = running.memoryMb();
}

async function compare(own: Subject, lean: Subject, usual: Subject): Promise<readonly [Measured, Measured]> {
  const mine: Record<string, number> = {};
  const theirs: Record<string, number> = {};
  const found = new Map([
    [own, mine],
    [lean, theirs],
    [usual, theirs],
  ]);
  // The first start makes the store: the second is what a user waits for.
  await stopAll(await startAll([own, lean], found));
  const written = await startAll([own, lean], found);
  for (const side of written) side.found['startup'] = side.running.readyMs;
  await wait(IDLE_MS);
  for (const { running, found: measured } of written) measured['idle'] = running.memoryMb();
  const places = await measureWrites(written);
  await stopAll(written);
  for (const subject of [own, lean]) {
    stderr.write(`  fills ${subject.kind} with ${RUNS} runs and ${POINTS} points …\n`);
    const { run, experiment } = places.get(subject) ?? { run: '', experiment: 0 };
    await fill(subject.kind, subject.store, { experiment, runs: RUNS, run, points: POINTS });
  }
  const read = await startAll([own, lean], found);
  await measureReads(read, places);
  await stopAll(read);
  const last = await startAll([own, usual], found);
  await measureUsual(last, places, usual);
  await stopAll(last);
  return [mine, theirs];
}

const tracking: Benchmark = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-bench-'));
  const python = await ensurePython('mlflow');
  const packages = await ensureDriver(python);
  const version = /mlflow==(\S+)/.exec(await readFile(join(import.meta.dirname, '../test/mlflow/requirements.txt'), 'utf8'))?.[1] ?? '?';
  const figures: Record<string, Figure> = {};
  const add = ([own, theirs]: readonly [Measured, Measured], suffix: string): void => {
    for (const name of Object.keys(goals)) figures[`${name}${suffix}`] = toFigure(name, own, theirs, `mlflow ${version}`);
  };
  const postgres = await startPostgres();
  try {
    const [, , , only] = argv;
    const options = { python, packages };
    if (only !== 'postgres') {
      stderr.write('SQLite\n');
      const place = join(folder, 'sqlite');
      await mkdir(place);
      add(await compare(pawl(place), mlflow(place, { ...options, lean: true }), mlflow(place, { ...options, lean: false })), '');
    }
    if (only !== 'sqlite') {
      stderr.write('PostgreSQL\n');
      const place = join(folder, 'postgres');
      await mkdir(place);
      const [own = '', peer = ''] = await createDatabases(postgres.url, ['pawl', 'mlflow']);
      const [lean, usual] = [mlflow(place, { ...options, url: peer, lean: true }), mlflow(place, { ...options, url: peer, lean: false })];
      add(await compare(pawl(place, own), lean, usual), '_postgres');
    }
    return figures;
  } finally {
    stopLeft();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

async function createDatabases(url: string, names: readonly string[]): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const name of names) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return names.map((name) => Object.assign(new URL(url), { pathname: `/${name}` }).href);
}

export default tracking;
