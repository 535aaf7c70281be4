import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, isFault } from '@pawl/core';
import type { Log, PythonSource, Pythons } from '@pawl/core';
import { parse } from 'yaml';

export interface ModelPythonPorts {
  readonly pythons: Pythons;
  /** Python for all models; undefined: of each model's own requirements. */
  readonly configured: string | undefined;
  /** What processes of models get, such as PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** Version of Python a package was made with, without its patch; null: it does not say. */
async function readVersion(folder: string): Promise<string | null> {
  const text = await readFile(join(folder, 'python_env.yaml'), 'utf8').catch(() => '');
  let root: unknown;
  try {
    root = parse(text);
  } catch {
    return null;
  }
  const version = typeof root === 'object' && root !== null ? (root as Readonly<Record<string, unknown>>)['python'] : undefined;
  // YAML reads 3.11 as a number.
  return /^(\d+\.\d+)/.exec(String(version))?.[1] ?? null;
}

/**
 * The Python of a model package: the configured one, else an environment of the package's `requirements.txt`, made when a model first needs it and shared by all of the same
 * requirements.
 */
export function createModelPython({ pythons, configured, env, log }: ModelPythonPorts): PythonSource {
  // One thread a process: numeric libraries' own pools starve their neighbours, and batches are small.
  const all = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1', ...env };
  return {
    async find(folder) {
      if (configured !== undefined) return { command: configured, env: all };
      const requirements = 'requirements.txt';
      if (
        !(await access(join(folder, requirements)).then(
          () => true,
          () => false,
        ))
      )
        throw fault('python_unavailable', {
          reason: 'its package has no requirements.txt to make an environment of; set model-python to a Python that has what it needs',
        });
      try {
        const version = await readVersion(folder);
        const plan = await pythons.plan({ file: requirements, ...(version !== null && { version }) }, folder, env);
        return { command: await pythons.ensure(plan, (line) => log.info({ line }, 'python environment')), env: all };
      } catch (error) {
        if (!isFault(error)) throw error;
        throw fault('python_unavailable', { reason: error.message.replace(/\.$/, '') }, error);
      }
    },
  };
}
