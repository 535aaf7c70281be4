/**
 * The Python that tests and benchmarks run real clients in: a virtual environment under .cache/, made from test/mlflow/requirements.txt when it is
 * not there or not of these requirements. What Debian splits off (venv, the OpenMP library) is installed through apt when this is root.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');
const requirements = join(root, 'test/mlflow/requirements.txt');
const folder = join(root, '.cache', 'python');
const python = join(folder, 'bin', 'python');
const stamp = join(folder, 'ready');
const lock = join(root, '.cache', 'python.lock');

/** Loading all of them proves that what they need of the machine is there. */
const IMPORTS = 'import mlflow, sklearn, lightgbm, xgboost';

interface Ended {
  readonly ok: boolean;
  readonly text: string;
}

function run(command: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ ok: error === null, text: `${stdout}${stderr}`.trim() || (error?.message ?? '') }),
    );
  });
}

/** The path of the environment's python. Several callers at once, of other processes too, take turns. @throws Error saying what to do */
export async function ensurePython(): Promise<string> {
  if (isReady()) return python;
  const release = await takeTurn();
  try {
    if (!isReady()) await make();
  } finally {
    release();
  }
  return python;
}

function isReady(): boolean {
  try {
    return readFileSync(stamp, 'utf8') === digest();
  } catch {
    return false;
  }
}

const digest = (): string => createHash('sha256').update(readFileSync(requirements)).digest('hex');

async function make(): Promise<void> {
  const began = Date.now();
  process.stderr.write('Making the Python environment of the tests (two minutes or so the first time) …\n');
  rmSync(folder, { recursive: true, force: true });
  if (!(await run('python3', '-c', 'import venv, ensurepip')).ok) await install('python3', 'python3-venv');
  await must('Python 3.11 or newer is needed', 'python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 11))');
  await must('the environment could not be made', 'python3', '-m', 'venv', folder);
  await must('its packages could not be installed', python, '-m', 'pip', 'install', '--quiet', '--no-input', '--requirement', requirements);
  // LightGBM's wheel counts on the machine's OpenMP, which a bare Debian does not have.
  if (/libgomp/.test((await run(python, '-c', IMPORTS)).text)) await install('libgomp1');
  await must('its packages do not load', python, '-c', IMPORTS);
  writeFileSync(stamp, digest());
  process.stderr.write(`The Python environment is ready (${((Date.now() - began) / 1000).toFixed(0)} s).\n`);
}

async function must(what: string, command: string, ...args: readonly string[]): Promise<void> {
  const { ok, text } = await run(command, ...args);
  if (!ok) throw new Error(`${what}: ${command} ${args.join(' ')}\n${text}`);
}

async function install(...packages: readonly string[]): Promise<void> {
  const wanted = packages.join(' ');
  if (process.getuid?.() !== 0)
    throw new Error(`${wanted} is missing: run "sudo apt-get install ${wanted}" (or your system's like), then the same command again.`);
  await run('apt-get', 'update', '-qq');
  await must(`${wanted} could not be installed`, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages);
}

/** Holds a lock file that names this process; one left by a process that is gone is taken over. */
async function takeTurn(): Promise<() => void> {
  mkdirSync(join(root, '.cache'), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!holderLives()) rmSync(lock, { force: true });
    await wait(200);
  }
}

function holderLives(): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8') || process.pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
