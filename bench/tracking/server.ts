/** The two servers that are compared: each a process of its own on a folder of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type { Kind } from './tables.ts';

export interface Subject {
  readonly kind: Kind;
  /** Path of the SQLite file it keeps runs in, or URL of the PostgreSQL database. */
  readonly store: string;
  start(): Promise<Running>;
}

export interface Running {
  readonly url: string;
  /** From the command to the first 200 of /health, in milliseconds. */
  readonly readyMs: number;
  /** Resident memory of the process and all below it, in MB (Linux). */
  memoryMb(): number;
  stop(): Promise<void>;
}

const pawlBin = join(import.meta.dirname, '../../packages/app/bin/pawl.mjs');

/** @param url of the PostgreSQL database; SQLite in the folder when absent */
export const pawl = (folder: string, url?: string): Subject => {
  const home = join(folder, 'home');
  const options = ['--home', home, '--log-level', 'error', ...(url === undefined ? [] : ['--database-url', url])];
  return {
    kind: 'pawl',
    store: url ?? join(home, 'pawl.db'),
    start: () => start((port) => [execPath, pawlBin, 'server', '--port', String(port), ...options]),
  };
};

export interface MlflowOptions {
  readonly python: string;
  /** A folder with the driver of PostgreSQL. */
  readonly packages?: string;
  readonly url?: string;
  /**
   * One worker, since on two cores shared with the client more do not help a sequence of requests, and no runner of jobs, which is no part of tracking.
   * Else as `mlflow server` starts by itself.
   */
  readonly lean: boolean;
}

export const mlflow = (folder: string, { python, packages, url, lean }: MlflowOptions): Subject => {
  const store = url ?? join(folder, 'mlflow.db');
  const uri = url?.replace('postgres://', 'postgresql+psycopg2://') ?? `sqlite:///${store}`;
  const options = ['--backend-store-uri', uri, '--artifacts-destination', join(folder, 'artifacts'), ...(lean ? ['--workers', '1'] : [])];
  return {
    kind: 'mlflow',
    store,
    start: () =>
      start((port) => [python, '-m', 'mlflow', 'server', '--host', '127.0.0.1', '--port', String(port), ...options], {
        MLFLOW_DISABLE_TELEMETRY: 'true',
        ...(lean ? { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' } : {}),
        ...(packages === undefined ? {} : { PYTHONPATH: packages }),
      }),
  };
};

const started = new Set<ChildProcess>();

/** Ends what a benchmark that failed left running. */
export function stopLeft(): void {
  for (const { pid } of started) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

async function start(command: (port: number) => readonly string[], settings: Readonly<Record<string, string>> = {}): Promise<Running> {
  const port = await freePort();
  const [program = '', ...args] = command(port);
  const began = performance.now();
  // A group of its own: the server of MLflow has children, which must end with it.
  const child = spawn(program, args, { stdio: 'ignore', detached: true, env: { ...env, ...settings } });
  started.add(child);
  const ended = new Promise<void>((resolve) =>
    child.once('exit', () => {
      started.delete(child);
      resolve();
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null) throw new Error(`${program} ${args.join(' ')} ended with ${child.exitCode} before it was ready`);
    await wait(5);
  }
  const readyMs = performance.now() - began;
  return {
    url,
    readyMs,
    memoryMb: () => residentMb(child),
    async stop() {
      process.kill(-(child.pid ?? 0), 'SIGTERM');
      await ended;
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/health`);
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function residentMb(child: ChildProcess): number {
  const processes = globSync('/proc/[0-9]*/status').flatMap((path) => {
    try {
      const text = readFileSync(path, 'utf8');
      const number = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
      return [{ pid: number('Pid'), parent: number('PPid'), kb: number('VmRSS') }];
    } catch {
      return []; // it ended since it was listed
    }
  });
  const below = (pid: number): number =>
    processes.filter(({ parent }) => parent === pid).reduce((sum, { pid: own, kb }) => sum + kb + below(own), 0);
  return ((processes.find(({ pid }) => pid === child.pid)?.kb ?? 0) + below(child.pid ?? 0)) / 1024;
}
