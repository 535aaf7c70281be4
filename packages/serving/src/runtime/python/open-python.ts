import { setTimeout as wait } from 'node:timers/promises';
import type { LocalModel, Log, PythonSource } from '@pawl/core';
import { fault } from '@pawl/core';
import type { Batch, Columns, TensorSpec } from '../../tensor/tensor.ts';
import type { ModelRuntime, Predicts } from '../runtime.ts';
import type { PythonLimits, PythonProcess } from './process.ts';
import { RuntimeUnavailable } from '../runtime.ts';
import { restartDelay } from './restart.ts';
import { ProcessEnded, startPython } from './process.ts';

export interface PythonPorts {
  readonly pythons: PythonSource;
  readonly logger: Log;
  readonly limits: PythonLimits;
}

/** A pause up to this long before a restart is waited for by requests; during a longer one they are refused at once. */
const PATIENCE_MS = 1000;
/** A process that has lived so long has nothing to do with the one before. */
const HEALTHY_MS = 60_000;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * A model that only Python opens, in a process of its own that is started again when it dies, after pauses that grow. `inputs` and `outputs` are what the model itself and
 * its first answer tell. Throws `model_file_invalid` when Python cannot open it, `python_unavailable` when there is no Python for it.
 */
export async function openPython(
  { folder, spec }: LocalModel,
  ports: PythonPorts,
  first: (inputs: readonly TensorSpec[], open: boolean) => Batch | undefined,
): Promise<ModelRuntime> {
  const { pythons, logger, limits } = ports;
  const command = await pythons.find(folder);
  const start = (): Promise<PythonProcess> => startPython(folder, spec.flavor, command, limits, logger);
  let process: PythonProcess | undefined;
  let starting: Promise<PythonProcess> | undefined;
  let failures = 0;
  let downUntil = 0;
  let reason = '';
  let closed = false;

  function attend(started: PythonProcess): PythonProcess {
    process = started;
    const began = performance.now();
    void started.ended.then((why) => {
      process = undefined;
      if (!closed) fail(why, performance.now() - began > HEALTHY_MS);
    });
    return started;
  }

  function fail(why: string, wasHealthy: boolean): void {
    failures = wasHealthy ? 1 : failures + 1;
    reason = why;
    const delay = restartDelay(failures);
    downUntil = performance.now() + delay;
    logger.warn({ model: spec.flavor, reason: why, restartMs: delay }, 'python process ended');
    // Not only when somebody asks: who asks next shall find it open.
    void wait(delay, undefined, { ref: false }).then(() => (closed ? undefined : revive().catch(() => {})));
  }

  async function revive(): Promise<PythonProcess> {
    if (process !== undefined) return process;
    const pause = downUntil - performance.now();
    if (starting === undefined && pause > PATIENCE_MS)
      throw new RuntimeUnavailable(`its Python process ended (${reason}) and starts again in ${Math.ceil(pause / 1000)} s`);
    starting ??= restart().finally(() => (starting = undefined));
    return starting;
  }

  async function restart(): Promise<PythonProcess> {
    await wait(Math.max(0, downUntil - performance.now()));
    if (closed) throw new Error('the model is closed');
    try {
      return attend(await start());
    } catch (error) {
      fail(reasonOf(error), false);
      throw new RuntimeUnavailable(`its Python process did not start again (${reason})`, { cause: error });
    }
  }

  let opened: PythonProcess['opened'];
  try {
    ({ opened } = attend(await start()));
  } catch (error) {
    throw fault('model_file_invalid', { file: 'The package', reason: `Python cannot open it (${reasonOf(error)})` }, error);
  }
  const inputs = opened.inputs;

  async function run(batch: Batch): Promise<Columns> {
    if (closed) throw new Error('the model is closed');
    try {
      return (await (await revive()).call(batch)).columns;
    } catch (error) {
      if (!(error instanceof ProcessEnded) || closed) throw error;
      // Whose fault it was nobody knows: the batch that ended two processes is not given to a third.
      return (await (await revive()).call(batch)).columns;
    }
  }

  let outputs: readonly TensorSpec[] = [];
  let predicts: Predicts = { form: 'array', outputs: ['predict'] };
  const warm = first(inputs, opened.open);
  if (warm !== undefined) {
    try {
      const { header, columns } = await (await revive()).call(warm);
      outputs = Object.entries(columns).map(([name, { datatype, shape }]) => ({ name, datatype, shape: [-1, ...shape.slice(1)] }));
      if (header['form'] !== 'array') predicts = { form: header['form'] as Predicts['form'], outputs: [] };
    } catch (error) {
      // Zeros may well be what the model refuses: what it gives is then learnt from nobody, and is as its answers are.
      logger.info({ model: spec.flavor, reason: reasonOf(error) }, 'python model did not answer its warm-up');
    }
  }
  return {
    engine: `python ${opened.python}`,
    inputs,
    outputs,
    classes: opened.classes,
    bytes: opened.bytes,
    predicts,
    open: opened.open,
    gathers: true,
    run,
    close: async () => {
      closed = true;
      process?.kill();
      const late = starting?.then((started) => started.kill()).catch(() => {});
      await Promise.all([process?.ended, late]);
    },
  };
}
