import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import { getCompileCacheDir } from 'node:module';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { localBackoff, toBackoffMs } from '@pawl/core';
import type { PlaneReport } from '@pawl/serving';
import { mergeReports } from '@pawl/serving';
import type { PrimaryMessage, ServeSettings, WorkerMessage } from './messages.ts';

export interface Served {
  readonly port: number;
  readonly grpcPort: number | undefined;
  /** Resolves once every process has ended. */
  readonly ended: Promise<void>;
  /** Asks all to answer what they took, and to end. */
  stop(): void;
}

export interface PrimaryPorts {
  /** Told of a process that died and is started again. */
  readonly warn: (line: string) => void;
}

/** A process that has not told its figures by then is left out of them. */
const REPORT_MS = 1000;

/** A process that lived this long and dies did not die of its start. */
const STEADY_MS = 30_000;

/**
 * Serves models by `count` processes behind one listener, which the kernel and node:cluster share out. One that dies is started again, with growing pauses. Resolves when all
 * are ready; rejects with why the first could not start, in words for people.
 */
export async function startServing(settings: ServeSettings, count: number, ports: PrimaryPorts): Promise<Served> {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker.ts', import.meta.url)), args: [], serialization: 'advanced' });
  const port = await toPort(settings.host, settings.port);
  const grpcPort = settings.grpcPort === undefined ? undefined : await toPort(settings.host, settings.grpcPort);
  const reports = new Map<number, (worker: Worker, report: PlaneReport) => void>();
  let lastReport = 0;
  let stopping = false;
  let deaths = 0;

  /** What all living workers tell, together. */
  function collect(): Promise<PlaneReport> {
    lastReport += 1;
    const id = lastReport;
    const asked = new Set(living());
    const told: PlaneReport[] = [];
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        reports.delete(id);
        resolve(mergeReports(told));
      };
      const timer = setTimeout(finish, REPORT_MS);
      reports.set(id, (worker, report) => {
        if (!asked.delete(worker)) return;
        told.push(report);
        if (asked.size === 0) finish();
      });
      for (const worker of asked) send(worker, { kind: 'report', id });
    });
  }

  function fork(ready?: (message: Extract<WorkerMessage, { kind: 'ready' | 'failed' }>) => void): void {
    const began = performance.now();
    // What this process has compiled and stripped is not done again in each.
    const compiled = getCompileCacheDir();
    const worker = cluster.fork(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled });
    let failed = false;
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'report') reports.get(message.id)?.(worker, message.report);
      else if (message.kind === 'ask') void collect().then((report) => send(worker, { kind: 'told', id: message.id, report }));
      else {
        failed = message.kind === 'failed';
        ready?.(message);
      }
    });
    worker.once('exit', (code, signal) => {
      ready?.({ kind: 'failed', problem: `A serving process ended with ${signal ?? `code ${code}`} before it was ready.` });
      if (stopping || (failed && ready !== undefined)) return;
      deaths = performance.now() - began > STEADY_MS ? 0 : deaths + 1;
      const pause = deaths === 0 ? 0 : toBackoffMs(deaths - 1, 1, localBackoff);
      ports.warn(`A serving process ended with ${signal ?? `code ${code}`}; another is started in ${(pause / 1000).toFixed(1)} s.`);
      setTimeout(() => stopping || fork(), pause).unref();
    });
    send(worker, { kind: 'start', settings: { ...settings, port, grpcPort } });
  }

  const start = (): Promise<void> =>
    new Promise((resolve, reject) => {
      fork((message) => {
        if (message.kind === 'ready') resolve();
        else reject(new Error(message.problem));
      });
    });

  const stop = (): void => {
    stopping = true;
    for (const worker of living()) worker.process.kill('SIGTERM');
  };

  try {
    // The first finds what is wrong.
    await start();
    await Promise.all(Array.from({ length: count - 1 }, start));
    const ended = new Promise<void>((resolve) => {
      cluster.on('exit', () => {
        if (stopping && living().length === 0) resolve();
      });
    });
    return { port, grpcPort, ended, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** A free port for 0: processes that each ask for one would not share it, nor would one that is started again. */
async function toPort(host: string, port: number): Promise<number> {
  if (port !== 0) return port;
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const free = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

const living = (): readonly Worker[] =>
  Object.values(cluster.workers ?? {}).flatMap((worker) => (worker === undefined || worker.isDead() ? [] : [worker]));

function send(worker: Worker, message: PrimaryMessage): void {
  if (worker.isConnected()) worker.send(message);
}
