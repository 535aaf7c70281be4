import { fault } from '../fault/fault.ts';
import { toEnvName } from './env-name.ts';
import { orderSteps } from './graph.ts';
import type { PipelineSpec, PipelineStep } from './types.ts';
import { parseUses } from './uses.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const PORT = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const FILE = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const MAX_RETRIES = 100;

/** Throws `pipeline_invalid` that tells every problem at once, each with its step and port. */
export function checkPipeline(spec: PipelineSpec): void {
  const problems = findProblems(spec);
  if (problems.length > 0) throw fault('pipeline_invalid', { name: spec.name, problem: problems.join(' ') });
}

/** Every problem of a definition, as sentences. Empty: it can run. */
export function findProblems(spec: PipelineSpec): readonly string[] {
  const problems: string[] = [];
  if (!NAME.test(spec.name)) problems.push(`The name ${JSON.stringify(spec.name)} is not one: use letters, digits, ".", "_" and "-".`);
  if (spec.experiment === '') problems.push('It names no experiment.');
  if (spec.steps.length === 0) problems.push('It has no step.');
  problems.push(...clashes(Object.keys(spec.params), (pair) => `Parameters ${pair} are the same PAWL_PARAM_ variable.`));
  const steps = new Map<string, PipelineStep>();
  for (const step of spec.steps) {
    if (steps.has(step.name)) problems.push(`Two steps are named "${step.name}".`);
    steps.set(step.name, step);
  }
  for (const step of spec.steps) problems.push(...stepProblems(spec, step, steps));
  problems.push(...writerProblems(spec));
  const ordered = orderSteps(spec);
  if ('circle' in ordered) problems.push(`The steps wait for each other in a circle: ${ordered.circle.join(' ← ')}.`);
  return problems;
}

function stepProblems(spec: PipelineSpec, step: PipelineStep, steps: ReadonlyMap<string, PipelineStep>): readonly string[] {
  const problems: string[] = [];
  const where = `Step "${step.name}"`;
  if (!NAME.test(step.name)) problems.push(`${where}: the name may hold letters, digits, ".", "_" and "-" only.`);
  if (step.run.trim() === '' && step.uses === undefined && step.approve === undefined) problems.push(`${where} has no command to run.`);
  if (step.uses !== undefined && parseUses(step.uses) === undefined)
    problems.push(
      `${where}: ${JSON.stringify(step.uses)} is no function; write FILE.py:FUNCTION or FILE.ts:FUNCTION, a file of the project.`,
    );
  if (!Number.isInteger(step.retries) || step.retries < 0 || step.retries > MAX_RETRIES)
    problems.push(`${where}: retries must be a whole number from 0 to ${MAX_RETRIES}.`);
  if (!(step.timeoutMs > 0)) problems.push(`${where}: its timeout must be longer than nothing.`);
  for (const [port, input] of Object.entries(step.inputs)) {
    if (!PORT.test(port))
      problems.push(`${where}, input "${port}": the name must begin with a letter and hold letters, digits, "_" and "-" only.`);
    if (input.from === 'dataset') {
      if (!NAME.test(input.dataset)) problems.push(`${where}, input "${port}": ${JSON.stringify(input.dataset)} is no dataset's name.`);
      continue;
    }
    const source = steps.get(input.step);
    if (source === undefined)
      problems.push(`${where}, input "${port}": there is no step "${input.step}"; the steps are ${listed(steps.keys())}.`);
    else if (source.outputs[input.output] === undefined)
      problems.push(
        `${where}, input "${port}": step "${input.step}" has no output "${input.output}"; it has ${listed(Object.keys(source.outputs))}.`,
      );
  }
  for (const [port, output] of Object.entries(step.outputs)) {
    if (!PORT.test(port))
      problems.push(`${where}, output "${port}": the name must begin with a letter and hold letters, digits, "_" and "-" only.`);
    if (!FILE.test(output.name)) problems.push(`${where}, output "${port}": ${JSON.stringify(output.name)} is not a plain file name.`);
    if (output.dataset !== null && !NAME.test(output.dataset))
      problems.push(`${where}, output "${port}": ${JSON.stringify(output.dataset)} is no dataset's name.`);
    if (output.dataset !== null && output.type === 'metrics') problems.push(`${where}, output "${port}": metrics cannot become a dataset.`);
  }
  for (const name of step.params) {
    if (spec.params[name] === undefined)
      problems.push(`${where}: the pipeline has no parameter "${name}"; it has ${listed(Object.keys(spec.params))}.`);
  }
  for (const name of step.after) {
    if (!steps.has(name)) problems.push(`${where}: it is to run after "${name}", but there is no such step.`);
  }
  for (const path of step.code) {
    if (path === '' || path.startsWith('/') || path.includes('\\') || path.split('/').includes('..'))
      problems.push(`${where}: the code file ${JSON.stringify(path)} must be a relative path inside the project.`);
  }
  problems.push(...clashes(Object.keys(step.inputs), (pair) => `${where}: inputs ${pair} are the same PAWL_INPUT_ variable.`));
  problems.push(...clashes(Object.keys(step.outputs), (pair) => `${where}: outputs ${pair} are the same PAWL_OUTPUT_ variable.`));
  return problems;
}

/** Two outputs that become versions of one dataset in one run would leave it open which of them a reader gets. */
function writerProblems(spec: PipelineSpec): readonly string[] {
  const problems: string[] = [];
  const writers = new Map<string, string>();
  for (const step of spec.steps) {
    for (const [port, { dataset }] of Object.entries(step.outputs)) {
      if (dataset === null) continue;
      const place = `output "${port}" of step "${step.name}"`;
      const first = writers.get(dataset);
      if (first === undefined) writers.set(dataset, place);
      else problems.push(`Dataset "${dataset}" is written twice: by ${first} and by ${place}.`);
    }
  }
  return problems;
}

/** Names that become one environment variable. */
function clashes(names: readonly string[], tell: (pair: string) => string): readonly string[] {
  const seen = new Map<string, string>();
  const problems: string[] = [];
  for (const name of names) {
    const first = seen.get(toEnvName(name));
    if (first !== undefined) problems.push(tell(`"${first}" and "${name}"`));
    seen.set(toEnvName(name), name);
  }
  return problems;
}

function listed(names: Iterable<string>): string {
  const all = [...names];
  return all.length === 0 ? 'none' : all.map((name) => `"${name}"`).join(', ');
}
