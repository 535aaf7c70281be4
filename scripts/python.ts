/**
 * The Pythons that tests and benchmarks run real clients in: for each area a virtual environment under .cache/, made from test/<area>/requirements.txt when it is
 * not there or not of these requirements. What Debian splits off (venv, the OpenMP library) is installed through apt when this is root.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = join(import.meta.dirname, '..');

/** An area's environment. Its requirements say in a comment, `# imports: dvc, mlflow`, what must load: that proves that what they need of the machine is there. */
interface Environment {
  readonly requirements: string;
  readonly folder: string;
  readonly python: string;
  readonly stamp: string;
  readonly lock: string;
}

function toEnvironment(area: string): Environment {
  // MLflow's was the first and has the plain name; made ones stay of use.
  const name = area === 'mlflow' ? 'python' : `python-${area}`;
  const folder = join(root, '.cache', name);
  return {
    requirements: join(root, 'test', area, 'requirements.txt'),
    folder,
    python: join(folder, 'bin', 'python'),
    stamp: join(folder, 'ready'),
    lock: join(root, '.cache', `${name}.lock`),
  };
}

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

/** The path of an area's python. Several callers at once, of other processes too, take turns. @throws Error saying what to do */
export async function ensurePython(area: string): Promise<string> {
  const environment = toEnvironment(area);
  if (isReady(environment)) return environment.python;
  const release = await takeTurn(environment.lock);
  try {
    if (!isReady(environment)) await make(environment, area);
  } finally {
    release();
  }
  return environment.python;
}

function isReady({ stamp, requirements }: Environment): boolean {
  try {
    return readFileSync(stamp, 'utf8') === digest(requirements);
  } catch {
    return false;
  }
}

/** Of what is required, not of the comments. */
function digest(requirements: string): string {
  const lines = readFileSync(requirements, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function toImport(requirements: string): string {
  const names = /^# imports: (.+)$/m.exec(readFileSync(requirements, 'utf8'))?.[1];
  if (names === undefined) throw new Error(`${requirements} must say in a comment what to load: # imports: name, name`);
  return `import ${names}`;
}

async function make({ folder, python, requirements, stamp }: Environment, area: string): Promise<void> {
  const began = Date.now();
  const imports = toImport(requirements);
  process.stderr.write(`Making the Python environment of test/${area} (two minutes or so the first time) …\n`);
  rmSync(folder, { recursive: true, force: true });
  if (!(await run('python3', '-c', 'import venv, ensurepip')).ok) await install('python3', 'python3-venv');
  await must('Python 3.11 or newer is needed', 'python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 11))');
  await must('the environment could not be made', 'python3', '-m', 'venv', folder);
  await must('its packages could not be installed', python, '-m', 'pip', 'install', '--quiet', '--no-input', '--requirement', requirements);
  // LightGBM's wheel counts on the machine's OpenMP, which a bare Debian does not have.
  if (/libgomp/.test((await run(python, '-c', imports)).text)) await install('libgomp1');
  await must('its packages do not load', python, '-c', imports);
  writeFileSync(stamp, digest(requirements));
  process.stderr.write(`The Python environment of test/${area} is ready (${((Date.now() - began) / 1000).toFixed(0)} s).\n`);
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
async function takeTurn(lock: string): Promise<() => void> {
  mkdirSync(join(root, '.cache'), { recursive: true });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!holderLives(lock)) rmSync(lock, { force: true });
    await wait(200);
  }
}

function holderLives(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8') || process.pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
