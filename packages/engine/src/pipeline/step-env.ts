import { toCanonicalJson, toEnvName, toRefText } from '@pawl/core';
import type { Ending } from './ending.ts';
import type { DatasetRef, PipelineRun, PipelineStep, Task } from '@pawl/core';

export interface StepSurroundings {
  /** What every step's process gets (PATH, HOME, locale), before what the contract adds. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Folders that come first on the PATH, separated by colons: that of Node, so that `node` is the one Pawl runs on. Empty: none. */
  readonly pathPrefix: string;
  /** Base URL of the server, for steps that call it. Read at each start of a step: the port may be known only once the server listens. */
  readonly server: string;
  /** The value of a secret of the server; undefined when there is none. */
  readonly secret?: (name: string) => Promise<string | undefined>;
}

/** The element that a task is for: a text as it is, all else as JSON, and the members of an object one by one. */
function toItemEnv(item: Task['item']): Readonly<Record<string, string>> {
  const toText = (value: Task['item']): string => (typeof value === 'string' ? value : toCanonicalJson(value));
  const env: Record<string, string> = { PAWL_ITEM: toText(item) };
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return env;
  for (const [name, value] of Object.entries(item)) env[`PAWL_ITEM_${toEnvName(name)}`] = toText(value as Task['item']);
  return env;
}

/** The environment variables of a step: the whole contract between a pipeline and a command. */
export function toStepEnv(
  surroundings: StepSurroundings,
  run: PipelineRun,
  task: Task,
  step: PipelineStep,
  places: {
    readonly experiment: number;
    readonly inputs: Readonly<Record<string, { readonly path: string; readonly ref: DatasetRef | null }>>;
    readonly outputs: Readonly<Record<string, string>>;
    readonly ending?: Ending;
  },
): Readonly<Record<string, string>> {
  const { inherited, pathPrefix, server } = surroundings;
  const env: Record<string, string> = {
    ...inherited,
    PATH: [pathPrefix, inherited['PATH'] ?? ''].filter((part) => part !== '').join(':'),
    // What a Python prints is seen when it prints it, as that of other programs.
    PYTHONUNBUFFERED: '1',
    PAWL_RUN_ID: run.id,
    PAWL_TASK_ID: task.id,
    PAWL_SERVER: server,
    MLFLOW_TRACKING_URI: server,
    MLFLOW_RUN_ID: run.id,
    MLFLOW_EXPERIMENT_ID: String(places.experiment),
  };
  for (const [port, input] of Object.entries(places.inputs)) {
    env[`PAWL_INPUT_${toEnvName(port)}`] = input.path;
    if (input.ref !== null) env[`PAWL_INPUT_${toEnvName(port)}_REF`] = toRefText(input.ref);
  }
  for (const [port, output] of Object.entries(places.outputs)) env[`PAWL_OUTPUT_${toEnvName(port)}`] = output;
  for (const name of step.params) {
    const value = run.params[name];
    if (value !== undefined) env[`PAWL_PARAM_${toEnvName(name)}`] = value;
  }
  if (task.index !== null) Object.assign(env, toItemEnv(task.item));
  if (places.ending !== undefined) {
    const { state, step: failed, error } = places.ending;
    env['PAWL_RUN_STATE'] = state;
    if (failed !== null) env['PAWL_RUN_FAILED_STEP'] = failed;
    if (error !== null) env['PAWL_RUN_ERROR'] = error;
  }
  return env;
}
