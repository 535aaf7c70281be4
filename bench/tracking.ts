/**
 * Pawl and the real `mlflow server` from PyPI under the same requests: one keep-alive client over MLflow's REST API, SQLite on both sides, one after the other
 * on the same machine. Times are taken against MLflow's server at its leanest, memory against the server as it starts by itself.
 * `ratio` says how many times better than the peer.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stderr } from 'node:process';
import { ensurePython } from '../scripts/python.ts';
import type { Benchmark, Figure } from './figure.ts';
import { createApi, measure, median } from './tracking/client.ts';
import type { Api } from './tracking/client.ts';
import { fill } from './tracking/fill.ts';
import { mlflow, pawl } from './tracking/server.ts';
import type { Subject } from './tracking/server.ts';

const RUNS = 100_000;
const POINTS = 1_000_000;

interface Measured {
  readonly startup: number;
  readonly create_run: number;
  readonly log_metric: number;
  readonly log_batch: number;
  readonly search_runs: number;
  readonly metric_history: number;
  readonly memory: number;
}

async function writes(api: Api, experiment: string): Promise<Pick<Measured, 'create_run' | 'log_metric' | 'log_batch'>> {
  const created = await measure(300, 30, () =>
    api.post('runs/create', { experiment_id: experiment, start_time: Date.now(), tags: [{ key: 'team', value: 'a' }] }),
  );
  const run = await newRun(api, experiment);
  const logged = await measure(1000, 100, (step) =>
    api.post('runs/log-metric', { run_id: run, key: 'loss', value: 1 / (step + 1), timestamp: Date.now(), step }),
  );
  // Ten series of a hundred steps each, as a training logs them.
  const batches = await measure(20, 2, (turn) =>
    api.post('runs/log-batch', {
      run_id: run,
      metrics: Array.from({ length: 1000 }, (_, n) => ({
        key: `m${n % 10}`,
        value: Math.sin(n),
        timestamp: 1_700_000_000_000 + n,
        step: turn * 100 + Math.floor(n / 10),
      })),
    }),
  );
  return { create_run: median(created), log_metric: median(logged), log_batch: 1_000_000 / median(batches) };
}

async function newRun(api: Api, experiment: string): Promise<string> {
  return (await api.post('runs/create', { experiment_id: experiment, start_time: Date.now() })).run.info.run_id;
}

async function search(api: Api, experiment: string): Promise<number> {
  return median(
    await measure(5, 1, async () => {
      const { runs } = await api.post('runs/search', {
        experiment_ids: [experiment],
        filter: "metrics.accuracy > 0.5 AND params.optimizer = 'adam'",
        order_by: ['metrics.loss ASC'],
        max_results: 1000,
      });
      if (runs.length !== 1000) throw new Error(`the search found ${runs.length} runs`);
    }),
  );
}

/** All points of a long series, page by page, in milliseconds. */
async function history(api: Api, run: string): Promise<number> {
  const began = performance.now();
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
  return performance.now() - began;
}

/** @param usual the same server as people start it, whose memory counts; the subject itself when absent */
async function examine(subject: Subject, usual?: Subject): Promise<Measured> {
  const say = (what: string): void => void stderr.write(`${subject.name}: ${what}\n`);
  // The first start makes the store: the second is what a user waits for.
  const first = await subject.start();
  await first.stop();
  say('writes …');
  const second = await subject.start();
  const api = createApi(second.url);
  const { experiment_id: experiment } = await api.post('experiments/create', { name: 'speed' });
  const { experiment_id: large } = await api.post('experiments/create', { name: 'large' });
  const run = await newRun(api, experiment);
  const written = await writes(api, experiment);
  await second.stop();
  say(`fills ${RUNS} runs and ${POINTS} points …`);
  fill(subject.name === 'pawl' ? 'pawl' : 'mlflow', subject.store, { experiment: Number(large), runs: RUNS, run, points: POINTS });
  const third = await subject.start();
  let measured: Measured;
  try {
    say('reads …');
    const reader = createApi(third.url);
    const found = await search(reader, large);
    const read = await history(reader, run);
    measured = { startup: second.readyMs, ...written, search_runs: found, metric_history: read, memory: third.memoryMb() };
  } finally {
    await third.stop();
  }
  if (usual === undefined) return measured;
  const fourth = await usual.start();
  try {
    await search(createApi(fourth.url), large);
    return { ...measured, memory: fourth.memoryMb() };
  } finally {
    await fourth.stop();
  }
}

const units: Readonly<
  Record<
    keyof Measured,
    { readonly unit: string; readonly goal: string; readonly ratio: number; readonly limit?: number; readonly more?: true }
  >
> = {
  startup: { unit: 'ms', goal: '≤ 1500 ms', ratio: 0, limit: 1500 },
  create_run: { unit: 'ms', goal: '≥ 10 times', ratio: 10 },
  log_metric: { unit: 'ms', goal: '≥ 10 times, < 2 ms', ratio: 10, limit: 2 },
  log_batch: { unit: 'metrics/s', goal: '≥ 10 times, ≥ 25000/s', ratio: 10, limit: 25_000, more: true },
  search_runs: { unit: 'ms', goal: '≥ 20 times, < 100 ms', ratio: 20, limit: 100 },
  metric_history: { unit: 'ms', goal: '', ratio: 0 },
  memory: { unit: 'MB', goal: '≥ 5 times', ratio: 5 },
};

const tracking: Benchmark = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-bench-'));
  const python = await ensurePython('mlflow');
  const version = /mlflow==(\S+)/.exec(await readFile(join(import.meta.dirname, '../test/mlflow/requirements.txt'), 'utf8'))?.[1] ?? '?';
  try {
    const own = await examine(pawl(folder));
    const theirs = await examine(mlflow(folder, python, true), mlflow(folder, python, false));
    return Object.fromEntries(
      (Object.keys(units) as (keyof Measured)[]).map((name) => [name, compare(name, own[name], theirs[name], `mlflow ${version}`)]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

function compare(name: keyof Measured, value: number, peerValue: number, peer: string): Figure {
  const { unit, goal, ratio: wanted, limit, more } = units[name];
  const ratio = more ? value / peerValue : peerValue / value;
  const within = limit === undefined || (more ? value >= limit : value < limit);
  return { value, unit, peer, peer_value: peerValue, ratio, ...(goal === '' ? {} : { goal, met: within && ratio >= wanted }) };
}

export default tracking;
