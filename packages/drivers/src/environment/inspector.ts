import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Digest, EnvironmentInspector, InspectedEnvironment, MachineDescription } from '@pawl/core';
import { listGpus } from '../process/gpu.ts';
import { findInterpreters } from './interpreter.ts';
import { readNode, readPython } from './read.ts';

/** Files that pin what a project is installed with. */
const LOCK_FILES = [
  'uv.lock',
  'poetry.lock',
  'pdm.lock',
  'Pipfile.lock',
  'pylock.toml',
  'requirements.txt',
  'requirements.lock',
  'conda-lock.yml',
  'environment.yml',
  'environment.yaml',
  'pixi.lock',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
] as const;

/** A lock file beyond this is left out. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Folders looked into, from the working one up. */
const MOST_FOLDERS = 12;

/** How long what an interpreter said is believed: steps that follow each other ask the same one. */
const BELIEVED_MS = 60_000;
/** The same for the answer as a whole: a chain of steps that take milliseconds runs in one environment. */
const SAME_MS = 2000;

/** The EnvironmentInspector port by asking the interpreters that a command names, and reading the lock files above its folder. */
export function createEnvironmentInspector(): EnvironmentInspector {
  const answers = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  function once<T>(question: string, ask: () => Promise<T>): Promise<T> {
    const now = performance.now();
    const known = answers.get(question);
    if (known !== undefined && now - known.at < BELIEVED_MS) return known.answer as Promise<T>;
    for (const [old, { at }] of answers) if (now - at >= BELIEVED_MS) answers.delete(old);
    const answer = ask();
    answers.set(question, { at: now, answer });
    return answer;
  }

  let latest: { readonly key: string; readonly at: number; readonly answer: Promise<InspectedEnvironment> } | undefined;

  return {
    inspect(command): Promise<InspectedEnvironment> {
      const { argv, cwd, env } = command;
      const key = JSON.stringify([argv, cwd, env['PATH'], env['VIRTUAL_ENV'], env['CONDA_PREFIX'], env['PYTHONPATH']]);
      const now = performance.now();
      if (latest?.key !== key || now - latest.at > SAME_MS) latest = { key, at: now, answer: inspect(command) };
      return latest.answer;
    },
  };

  async function inspect({ argv, cwd, env }: Parameters<EnvironmentInspector['inspect']>[0]): Promise<InspectedEnvironment> {
    const files = await readLockFiles(cwd);
    const { python, node } = await findInterpreters(
      { argv, cwd, env },
      files.map(({ path }) => path),
    );
    const [pythonFound, nodeFound, gpus, os] = await Promise.all([
      python === null ? null : once(`python ${python}`, () => readPython(python, cwd, env)),
      node === null ? null : once(`node ${node}`, () => readNode(node, cwd, env)),
      once('gpus', listGpus),
      once('os', readOs),
    ]);
    const machine: MachineDescription = {
      host: hostname(),
      os,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
      gpus: gpus.map(({ name }) => name),
    };
    const digests = files.map(({ path, bytes }) => [path, `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest] as const);
    const lock = { platform: `${platform()}-${arch()}`, python: pythonFound, node: nodeFound, files: Object.fromEntries(digests) };
    return { lock, machine, files };
  }
}

/** From the working folder up to the top of its repository, or to where the first one is found: what is further up is another project's. */
async function readLockFiles(cwd: string): Promise<InspectedEnvironment['files']> {
  let folder = cwd;
  for (let depth = 0; depth < MOST_FOLDERS; depth += 1) {
    const found: { path: string; bytes: Uint8Array }[] = [];
    // One look at the folder, instead of one for each name that might be there.
    const names = new Set(await readdir(folder).catch(() => []));
    for (const name of LOCK_FILES) {
      if (!names.has(name)) continue;
      const path = join(folder, name);
      const facts = await stat(path).catch(() => undefined);
      if (facts?.isFile() !== true || facts.size > MOST_BYTES) continue;
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes !== undefined) found.push({ path: relative(cwd, path).replaceAll('\\', '/').replaceAll('../', ''), bytes });
    }
    if (found.length > 0 || names.has('.git')) return found;
    if (dirname(folder) === folder) break;
    folder = dirname(folder);
  }
  return [];
}

async function readOs(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1];
  return name ?? `${platform()} ${release()}`;
}
