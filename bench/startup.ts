/** How long `pawl server` takes from its command to the first answer on a fresh home, and what it holds in memory when idle. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from './figure.ts';

const RUNS = 7;
const IDLE_MS = 5000;

const pawl = join(import.meta.dirname, '..', 'packages', 'app', 'bin', 'pawl.mjs');

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Starts a server; resolves when /health answered 200, with the time since the command. */
async function start(home: string): Promise<{ readonly server: ChildProcess; readonly readyMs: number }> {
  const began = performance.now();
  const server = spawn(process.execPath, [pawl, 'server', '--port', '0', '--home', home, '--log-level', 'error'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /Pawl is ready at (\S+)/.exec(text);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    server.once('exit', (code) => reject(new Error(`the server ended with code ${code} before it was ready`)));
  });
  const health = await fetch(`${address}/health`);
  if (health.status !== 200) throw new Error(`/health answered ${health.status}`);
  return { server, readyMs: performance.now() - began };
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
}

/** Resident memory of a process in MB (Linux). */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

const startup: Benchmark = async () => {
  const ready: number[] = [];
  let idle = Number.NaN;
  for (let run = 0; run < RUNS; run++) {
    const home = await mkdtemp(join(tmpdir(), 'pawl-bench-'));
    const { server, readyMs } = await start(home);
    ready.push(readyMs);
    if (run === RUNS - 1 && server.pid !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
      idle = await residentMb(server.pid);
    }
    await stop(server);
    await rm(home, { recursive: true });
  }
  const readyMs = median(ready);
  return {
    ready_ms: { value: readyMs, unit: 'ms', goal: '≤ 1500', met: readyMs <= 1500 },
    idle_mb: { value: idle, unit: 'MB', goal: '< 150', met: idle < 150 },
  };
};

export default startup;
