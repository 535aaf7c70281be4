/**
 * `pawl import mlflow` of a store of 10,000 runs and 2,000,000 points that the real `mlflow server` wrote, on SQLite, and read back from both servers by MLflow's own
 * client. Writing the store takes MLflow some twenty minutes; it stays in .cache for the next time.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, stderr } from 'node:process';
import { ensurePython } from '../scripts/python.ts';
import type { Benchmark } from './figure.ts';
import { mlflow, pawl } from './tracking/server.ts';

const RUNS = 10_000;
/** Of the runs of each experiment, every which one has all of its histories and files compared; records are compared of all. */
const EVERY = 20;

const cache = join(import.meta.dirname, '../.cache', `import-${RUNS}`);
const pawlBin = join(import.meta.dirname, '../packages/app/bin/pawl.mjs');

interface Ended {
  readonly stdout: string;
  readonly seconds: number;
  /** Most resident memory while it ran, MB (Linux). */
  readonly memoryMb: number;
}

async function run(command: readonly string[], cwd: string): Promise<Ended> {
  const [program = '', ...args] = command;
  const began = performance.now();
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  let [stdout, memoryMb] = ['', 0];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
  const watch = setInterval(() => (memoryMb = Math.max(memoryMb, residentMb(child.pid))), 200);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${String(code)}\n${stdout.slice(-4000)}`);
  return { stdout, seconds: (performance.now() - began) / 1000, memoryMb };
}

function residentMb(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it ended
  }
}

async function ensureStore(python: string): Promise<void> {
  if (existsSync(cache)) return;
  stderr.write(`  MLflow writes ${RUNS} runs …\n`);
  const folder = `${cache}.partial`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const server = await mlflow(folder, { python, lean: true }).start();
  try {
    await run([python, '-W', 'ignore', join(import.meta.dirname, 'import/fill.py'), server.url, String(RUNS)], folder);
  } finally {
    await server.stop();
  }
  await rename(folder, cache);
}

const bench: Benchmark = async () => {
  const python = await ensurePython('mlflow');
  await ensureStore(python);
  const folder = await mkdtemp(join(tmpdir(), 'pawl-bench-import-'));
  const server = await pawl(folder).start();
  const peer = await mlflow(cache, { python, lean: true }).start();
  try {
    const options = ['--artifacts-destination', join(cache, 'artifacts'), '--server', server.url, '--json'];
    const command = [execPath, pawlBin, 'import', 'mlflow', `sqlite:///${join(cache, 'mlflow.db')}`, ...options];
    stderr.write('  import …\n');
    const first = await run(command, folder);
    const { content } = JSON.parse(first.stdout) as { content: { points: number; verified: number } };
    const serverMb = server.memoryMb();
    stderr.write('  import again …\n');
    const again = await run(command, folder);
    stderr.write('  comparison through the client …\n');
    const compare = join(import.meta.dirname, '../test/import/compare.py');
    const compared = await run([python, '-W', 'ignore', compare, peer.url, server.url, '--every', String(EVERY)], folder);
    const { different } = JSON.parse(compared.stdout) as { different: number };
    return {
      import: { value: first.seconds, unit: 's' },
      points_per_second: { value: content.points / first.seconds, unit: '1/s' },
      read_back_equal: { value: content.verified, unit: 'runs', goal: `= ${RUNS}`, met: content.verified === RUNS },
      import_again: { value: again.seconds, unit: 's' },
      command_memory: { value: first.memoryMb, unit: 'MB' },
      server_memory: { value: serverMb, unit: 'MB' },
      differences: { value: different, unit: 'found by the client', goal: '= 0', met: different === 0 },
    };
  } finally {
    await Promise.all([server.stop(), peer.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
};

export default bench;
