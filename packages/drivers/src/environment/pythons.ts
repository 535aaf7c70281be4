import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { fault, toCanonicalJson } from '@pawl/core';
import type { Clock, Digest, PythonEnvironmentRecord, PythonPlan, Pythons } from '@pawl/core';
import { install } from './install.ts';
import { findOnPath, findProjectPython } from './interpreter.ts';
import { withLockFile } from './lock-file.ts';
import { readWanted } from './requirements.ts';

export interface PythonsOptions {
  /** Folder of the environments. */
  readonly root: string;
  readonly clock: Clock;
  /** What installers get, such as PATH, HOME, and where their index is. */
  readonly env: Readonly<Record<string, string>>;
}

interface Interpreter {
  readonly path: string;
  readonly version: string;
}

/** Stands beside an environment's folder once that is whole; written aside and renamed. */
interface Ready {
  readonly digest: Digest;
  readonly folder: string;
  readonly version: string;
  readonly requirements: string;
  readonly bytes: number;
  readonly createdAt: number;
}

type Listed = Ready & { readonly usedAt: number };

const SAME_MS = 2000;
const PROBE_LIMIT_MS = 20_000;
/** Folders that no whole environment is in, and that nobody has worked on for so long, are left of an attempt that died. */
const LEFT_MS = 24 * 3_600_000;

/** The Pythons port on the local disk. Environments are made by uv where it is installed, else by Python's own venv and pip. */
export function createPythons({ root, clock, env }: PythonsOptions): Pythons {
  const probes = new Map<string, Promise<Interpreter | null>>();
  const making = new Map<Digest, Promise<string>>();

  async function probe(path: string): Promise<Interpreter | null> {
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    const key = `${path}\0${mtimeMs}`;
    let known = probes.get(key);
    if (known === undefined) {
      known = ask(path, env);
      probes.set(key, known);
    }
    return known;
  }

  /** Looked for once for steps that follow each other. */
  let latest: { readonly key: string; readonly at: number; readonly found: Promise<Interpreter | null> } | undefined;

  function findOwn(cwd: string, own: Readonly<Record<string, string>>): Promise<Interpreter | null> {
    const key = JSON.stringify([cwd, own['PATH'], own['VIRTUAL_ENV'], own['CONDA_PREFIX']]);
    const now = performance.now();
    if (latest?.key !== key || now - latest.at > SAME_MS)
      latest = { key, at: now, found: findProjectPython({ cwd, env: own }).then((path) => (path === null ? null : probe(path))) };
    return latest.found;
  }

  async function findVersion(version: string | null, cwd: string, own: Readonly<Record<string, string>>): Promise<Interpreter> {
    const seen: string[] = [];
    const minor = version?.split('.').slice(0, 2).join('.');
    const names = [...(minor === undefined ? [] : [`python${minor}`]), 'python3', 'python'];
    const paths = await Promise.all(names.map((name) => findOnPath(name, { cwd, env: own })));
    for (const path of [...paths, ...(await listPyenv(env))]) {
      const found = path === null ? null : await probe(path);
      if (found === null) continue;
      if (version === null || found.version === version || found.version.startsWith(`${version}.`)) return found;
      seen.push(found.version);
    }
    const known = [...new Set(seen)].join(', ');
    throw fault('environment_invalid', {
      problem: `there is no Python${version === null ? '' : ` ${version}`} on this machine; it has ${known === '' ? 'none' : known}.`,
    });
  }

  const pointer = (digest: Digest): string => join(root, `${digest.slice('sha256:'.length)}.json`);

  async function readReady(path: string): Promise<Ready | undefined> {
    try {
      const ready = JSON.parse(await readFile(path, 'utf8')) as Ready;
      await stat(join(root, ready.folder, 'bin', 'python'));
      return ready;
    } catch {
      return undefined;
    }
  }

  async function make(plan: PythonPlan, digest: Digest, onLine: (text: string) => void): Promise<string> {
    await mkdir(root, { recursive: true });
    const path = pointer(digest);
    const found = async (): Promise<string | undefined> => {
      const ready = await readReady(path);
      if (ready === undefined) return undefined;
      const now = new Date(clock.now());
      await utimes(path, now, now).catch(() => undefined);
      return join(root, ready.folder, 'bin', 'python');
    };
    return withLockFile(`${path}.lock`, found, async () => {
      // Scripts in it hold its place, so it is made where it stays; the pointer is what makes it one.
      const folder = `${digest.slice('sha256:'.length, 'sha256:'.length + 12)}-${randomUUID().slice(0, 8)}`;
      const whole = join(root, folder);
      const uv = await findOnPath('uv', { cwd: root, env });
      const { interpreter, requirements, version } = plan;
      onLine(`Making an environment of Python ${version}: ${requirements === '' ? 'no packages' : requirements.replaceAll('\n', ', ')}`);
      try {
        const python = await install({ interpreter, folder: whole, requirements, env, uv, onLine });
        const ready: Ready = { digest, folder, version, requirements, bytes: await sizeOf(whole), createdAt: clock.now() };
        await writeFile(`${path}.${folder}`, JSON.stringify(ready));
        await rename(`${path}.${folder}`, path);
        return python;
      } catch (error) {
        await rm(whole, { recursive: true, force: true });
        throw error;
      }
    });
  }

  async function list(): Promise<readonly Listed[]> {
    const records: Listed[] = [];
    for (const name of await readdir(root).catch(() => [])) {
      const path = join(root, name);
      const ready = name.endsWith('.json') ? await readReady(path) : undefined;
      if (ready !== undefined) records.push({ ...ready, usedAt: (await stat(path)).mtimeMs });
    }
    return records.toSorted((a, b) => b.usedAt - a.usedAt);
  }

  return {
    async plan(wanted, project, own) {
      if (wanted === null) {
        const found = await findOwn(project, own);
        if (found === null)
          throw fault('environment_invalid', { problem: 'there is no python3 on the PATH, nor in a folder .venv of the project.' });
        return { version: found.version, interpreter: found.path, environment: null, requirements: '' };
      }
      const { requirements, version } = await readWanted(wanted, project);
      const found = await findVersion(version, project, own);
      const text = toCanonicalJson({ python: found.version, platform: `${platform()}-${arch()}`, requirements });
      const environment: Digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
      return { version: found.version, interpreter: found.path, environment, requirements };
    },
    async ensure(plan, onLine) {
      const { environment } = plan;
      if (environment === null) return plan.interpreter;
      const under = making.get(environment);
      if (under !== undefined) return under;
      const made = make(plan, environment, onLine).finally(() => making.delete(environment));
      making.set(environment, made);
      return made;
    },
    list: async () => (await list()).map(toRecord),
    async prune(usedBefore) {
      const all = await list();
      const old = all.filter(({ usedAt, digest }) => usedAt < usedBefore && !making.has(digest));
      for (const { digest, folder } of old) {
        await rm(pointer(digest), { force: true });
        await rm(join(root, folder), { recursive: true, force: true });
      }
      const known = new Set(all.map(({ folder }) => folder));
      for (const name of await readdir(root).catch(() => [])) {
        const facts = await lstat(join(root, name)).catch(() => undefined);
        if (facts?.isDirectory() === true && !known.has(name) && Date.now() - facts.mtimeMs > LEFT_MS)
          await rm(join(root, name), { recursive: true, force: true });
      }
      return old.map(toRecord);
    },
  };
}

function toRecord({ digest, version, requirements, bytes, createdAt, usedAt }: Listed): PythonEnvironmentRecord {
  return { digest, version, requirements, bytes, createdAt, usedAt };
}

/** Which Python a program is: what stands on the PATH may only look for it. */
function ask(path: string, env: Readonly<Record<string, string>>): Promise<Interpreter | null> {
  const script = 'import json, platform, sys; print(json.dumps({"path": sys.executable, "version": platform.python_version()}))';
  return new Promise((done) => {
    execFile(path, ['-I', '-c', script], { env: { ...env }, timeout: PROBE_LIMIT_MS }, (error, text) => {
      try {
        done(error === null ? (JSON.parse(text) as Interpreter) : null);
      } catch {
        done(null);
      }
    });
  });
}

async function listPyenv(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const versions = join(env['PYENV_ROOT'] ?? join(env['HOME'] ?? '/', '.pyenv'), 'versions');
  return (await readdir(versions).catch(() => [])).toReversed().map((name) => join(versions, name, 'bin', 'python'));
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
