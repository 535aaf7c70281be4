import { fault, fromParameterText, parseUses } from '@pawl/core';
import type { CallArgument, CommandLimits, FunctionCall, Folders, PipelineRun, PipelineStep, PythonPlan, Pythons, Task } from '@pawl/core';

/** Files whose content is a step's code: those it names, and that of its function. */
export function codeOf(step: PipelineStep): readonly string[] {
  const used = step.uses === undefined ? undefined : parseUses(step.uses)?.file;
  return used === undefined || step.code.includes(used) ? step.code : [used, ...step.code];
}

/** Which Python a step runs on; null for one that asks for none. Throws `environment_invalid`. */
export async function planPython(
  pythons: Pythons,
  step: PipelineStep,
  root: string,
  env: Readonly<Record<string, string>>,
): Promise<PythonPlan | null> {
  const calls = step.uses !== undefined && parseUses(step.uses)?.language === 'python';
  return calls || step.python !== undefined ? pythons.plan(step.python ?? null, root, env) : null;
}

/** What of it enters the key of a result. */
export function toKeyEnvironment(plan: PythonPlan | null): Readonly<Record<string, string>> {
  if (plan === null) return {};
  return { python: plan.version, ...(plan.environment === null ? {} : { python_environment: plan.environment }) };
}

/** Variables that put a made environment first, as its `activate` script does. */
export function toPythonEnv(plan: PythonPlan | null, interpreter: string | null, path: string): Readonly<Record<string, string>> {
  if (plan === null || plan.environment === null || interpreter === null) return {};
  const bin = interpreter.slice(0, interpreter.lastIndexOf('/'));
  return { VIRTUAL_ENV: bin.slice(0, bin.lastIndexOf('/')), PATH: `${bin}:${path}` };
}

export interface Places {
  readonly inputs: Readonly<Record<string, { readonly path: string }>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** The step's command, or the call of its function with the step's inputs, parameters and outputs under their names. */
export function toProgram(
  folders: Folders,
  run: PipelineRun,
  task: Task,
  step: PipelineStep,
  places: Places,
  interpreter: string | null,
): string | FunctionCall {
  if (step.uses === undefined) return step.run;
  const used = parseUses(step.uses);
  if (used === undefined)
    throw fault('command_not_started', { command: step.uses, reason: 'write FILE.py:FUNCTION or FILE.ts:FUNCTION, a file of the project' });
  const given: Record<string, CallArgument> = {};
  for (const name of step.params) {
    const text = run.params[name];
    if (text !== undefined) given[name] = { value: fromParameterText(run.spec.parameters?.[name], text) };
  }
  if (task.index !== null) given['item'] = { value: task.item, optional: true };
  for (const [port, { path }] of Object.entries(places.inputs)) given[port] = { path, json: holdsJson(run, step, port) };
  const outputs = Object.entries(places.outputs).map(([port, path]) => [port, { path, json: isJson(step.outputs[port]?.type) }]);
  return {
    language: used.language,
    interpreter: used.language === 'node' ? 'node' : (interpreter ?? 'python3'),
    file: folders.join(run.root, used.file),
    name: used.name,
    arguments: given,
    outputs: Object.fromEntries(outputs) as FunctionCall['outputs'],
  };
}

export function toLimits({ resources }: PipelineStep): CommandLimits {
  return {
    ...(resources?.cpus === undefined ? {} : { cpus: resources.cpus }),
    ...(resources?.memoryBytes === undefined ? {} : { memoryBytes: resources.memoryBytes }),
    ...(resources?.gpus === undefined ? {} : { gpus: resources.gpus }),
  };
}

function holdsJson({ spec }: PipelineRun, step: PipelineStep, port: string): boolean {
  const input = step.inputs[port];
  if (input?.from !== 'step') return false;
  return isJson(spec.steps.find(({ name }) => name === input.step)?.outputs[input.output]?.type);
}

function isJson(type: string | undefined): boolean {
  return type === 'json' || type === 'metrics';
}
