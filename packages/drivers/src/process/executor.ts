import { randomUUID } from 'node:crypto';
import { toCommandText } from '@pawl/core';
import type { Clock, CommandLimits, CommandSpec, Executor, LogLine, RunningCommand, UsageSample } from '@pawl/core';
import { attend } from './attend.ts';
import { createGpuSlots } from './gpu-slots.ts';
import { launch } from './launch.ts';
import type { Started } from './launch.ts';
import { createMachine } from './machine.ts';
import { MARK } from './strays.ts';
import { createWarmPool } from './warm-pool.ts';

export interface ProcessExecutorOptions {
  /** Stamps the lines. */
  readonly clock: Clock;
  /** What every command gets beside its own environment, such as PATH and HOME. Nothing else of this process's environment reaches it. */
  readonly basics: Readonly<Record<string, string>>;
  /** Calls of Python functions run in forks of processes that wait for them. */
  readonly warm?: boolean;
}

/**
 * Runs commands by `sh -c` and calls by their interpreter, each the leader of a process group of its own, so that a stop reaches all it started. The groups die with this process
 * when that exits.
 */
export function createProcessExecutor(options: ProcessExecutorOptions): Executor {
  const machine = createMachine();
  const gpus = createGpuSlots();
  const pool = options.warm === true ? createWarmPool() : undefined;

  async function start(
    spec: CommandSpec,
    onLine: (line: LogLine) => void,
    onSample?: (sample: UsageSample) => void,
  ): Promise<RunningCommand> {
    const mark = randomUUID();
    const wanted = spec.limits?.gpus;
    const taken = wanted === undefined ? undefined : await gpus.take(wanted, toCommandText(spec.command));
    const visible = taken === undefined ? {} : { CUDA_VISIBLE_DEVICES: taken.join(',') };
    const env = { ...options.basics, ...threadVariables(spec.limits), ...visible, ...spec.env, [MARK]: mark };
    try {
      const started: Started = (await pool?.start(spec, env)) ?? (await launch(spec, env));
      const running = attend({ clock: options.clock, machine }, started, { spec, env, mark, onLine, onSample });
      return { ...running, done: running.done.finally(() => gpus.giveBack(taken ?? [])) };
    } catch (error) {
      gpus.giveBack(taken ?? []);
      throw error;
    }
  }

  return { start };
}

/** By these, libraries that count on the machine's processors are told to use fewer. */
const THREADS = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'NUMEXPR_MAX_THREADS',
  'POLARS_MAX_THREADS',
  'RAYON_NUM_THREADS',
  'LOKY_MAX_CPU_COUNT',
] as const;

function threadVariables(limits: CommandLimits | undefined): Readonly<Record<string, string>> {
  if (limits?.cpus === undefined) return {};
  const threads = String(Math.max(1, Math.floor(limits.cpus)));
  return Object.fromEntries(THREADS.map((name) => [name, threads]));
}
