import { suggest } from '../check/suggest.ts';
import { fault } from '../fault/fault.ts';
import { toEnvName } from './env-name.ts';
import { checkExpression } from './expression/check.ts';
import type { TypeScope } from './expression/check.ts';
import type { ValueType } from './expression/types.ts';
import { orderSteps } from './graph.ts';
import type { ParameterType, PipelineSpec, PipelineStep } from './types.ts';
import { parseUses } from './uses.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const PORT = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const FILE = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const MAX_RETRIES = 100;

export interface PipelineProblem {
  /** Where in the file: the keys that lead there. */
  readonly path: readonly (string | number)[];
  /** Of a text, the character, from 0. */
  readonly at?: number;
  /** A sentence that stands for itself. */
  readonly problem: string;
}

/** Throws `pipeline_invalid` that tells every problem at once, each with its step and port. */
export function checkPipeline(spec: PipelineSpec): void {
  const problems = findProblems(spec).map(({ problem }) => problem);
  if (problems.length > 0) throw fault('pipeline_invalid', { name: spec.name, problem: problems.join(' ') });
}

/** Every problem of a definition. Empty: it can run. */
export function findProblems(spec: PipelineSpec): readonly PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  if (!NAME.test(spec.name))
    problems.push({ path: ['name'], problem: `The name ${JSON.stringify(spec.name)} is not one: use letters, digits, ".", "_" and "-".` });
  if (spec.experiment === '') problems.push({ path: ['experiment'], problem: 'It names no experiment.' });
  if (spec.steps.length === 0) problems.push({ path: ['steps'], problem: 'It has no step.' });
  const params = parametersOf(spec);
  for (const pair of clashes(params)) problems.push({ path: ['params'], problem: `Parameters ${pair} are the same PAWL_PARAM_ variable.` });
  const steps = new Map<string, PipelineStep>();
  for (const step of spec.steps) {
    if (steps.has(step.name)) problems.push({ path: ['steps', step.name], problem: `Two steps are named "${step.name}".` });
    steps.set(step.name, step);
  }
  const types = typesOf(spec);
  for (const step of spec.steps) {
    problems.push(
      ...stepProblems(step, params),
      ...inputProblems(step, steps),
      ...outputProblems(step),
      ...expressionProblems(step, types),
    );
  }
  problems.push(...writerProblems(spec));
  const ordered = orderSteps(spec);
  if ('circle' in ordered)
    problems.push({
      path: ['steps', ordered.circle[0] ?? ''],
      problem: `The steps wait for each other in a circle: ${ordered.circle.join(' ← ')}.`,
    });
  return problems;
}

function stepProblems(step: PipelineStep, params: readonly string[]): readonly PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  const add = (path: readonly (string | number)[], problem: string): void =>
    void problems.push({ path: ['steps', step.name, ...path], problem: `Step "${step.name}"${problem}` });
  if (!NAME.test(step.name)) add([], ': the name may hold letters, digits, ".", "_" and "-" only.');
  if (step.run.trim() === '' && step.uses === undefined && step.approve === undefined) add(['run'], ' has no command to run.');
  if (step.uses !== undefined && parseUses(step.uses) === undefined)
    add(['uses'], `: ${JSON.stringify(step.uses)} is no function; write FILE.py:FUNCTION or FILE.ts:FUNCTION, a file of the project.`);
  if (step.approve !== undefined && Object.keys(step.outputs).length > 0) add(['outputs'], ' asks a person, and so leaves no output.');
  if (!Number.isInteger(step.retries) || step.retries < 0 || step.retries > MAX_RETRIES)
    add(['retries'], `: retries must be a whole number from 0 to ${MAX_RETRIES}.`);
  if (!(step.timeoutMs > 0)) add(['timeout'], ': its timeout must be longer than nothing.');
  step.params.forEach((name, index) => {
    if (!params.includes(name)) add(['params', index], `: the pipeline has no parameter "${name}"${instead(name, params, 'it has')}.`);
  });
  step.code.forEach((path, index) => {
    if (path === '' || path.startsWith('/') || path.includes('\\') || path.split('/').includes('..'))
      add(['code', index], `: the code file ${JSON.stringify(path)} must be a relative path inside the project.`);
  });
  for (const pair of clashes(Object.keys(step.inputs))) add(['inputs'], `: inputs ${pair} are the same PAWL_INPUT_ variable.`);
  for (const pair of clashes(Object.keys(step.outputs))) add(['outputs'], `: outputs ${pair} are the same PAWL_OUTPUT_ variable.`);
  return problems;
}

const PORT_RULE = 'the name must begin with a letter and hold letters, digits, "_" and "-" only.';

function inputProblems(step: PipelineStep, steps: ReadonlyMap<string, PipelineStep>): readonly PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  for (const [port, input] of Object.entries(step.inputs)) {
    const add = (problem: string): void =>
      void problems.push({ path: ['steps', step.name, 'inputs', port], problem: `Step "${step.name}", input "${port}": ${problem}` });
    if (!PORT.test(port)) add(PORT_RULE);
    if (input.from === 'dataset') {
      if (!NAME.test(input.dataset)) add(`${JSON.stringify(input.dataset)} is no dataset's name.`);
      continue;
    }
    const source = steps.get(input.step);
    if (source === undefined) add(`there is no step "${input.step}"${instead(input.step, [...steps.keys()], 'the steps are')}.`);
    else if (source.outputs[input.output] === undefined)
      add(`step "${input.step}" has no output "${input.output}"${instead(input.output, Object.keys(source.outputs), 'it has')}.`);
  }
  step.after.forEach((name, index) => {
    if (!steps.has(name))
      problems.push({
        path: ['steps', step.name, 'after', index],
        problem: `Step "${step.name}": it is to run after "${name}", but there is no such step${instead(name, [...steps.keys()], 'the steps are')}.`,
      });
  });
  return problems;
}

function outputProblems(step: PipelineStep): readonly PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  for (const [port, output] of Object.entries(step.outputs)) {
    const add = (problem: string): void =>
      void problems.push({ path: ['steps', step.name, 'outputs', port], problem: `Step "${step.name}", output "${port}": ${problem}` });
    if (!PORT.test(port)) add(PORT_RULE);
    if (!FILE.test(output.name)) add(`${JSON.stringify(output.name)} is not a plain file name.`);
    if (output.dataset === null) continue;
    if (!NAME.test(output.dataset)) add(`${JSON.stringify(output.dataset)} is no dataset's name.`);
    if (output.type === 'metrics' || output.type === 'json')
      add(`${output.type === 'json' ? 'a value' : 'metrics'} cannot become a dataset.`);
    if (step.foreach !== undefined) add('each element would make a version of one dataset; let a step after the fan-out make it.');
  }
  return problems;
}

function expressionProblems(step: PipelineStep, types: Omit<TypeScope, 'inFanOut'>): readonly PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  const check = (key: readonly string[], text: string, wanted: ValueType, inFanOut: boolean, offset = 0): void => {
    for (const { at, problem } of checkExpression(text, { ...types, inFanOut }, wanted))
      problems.push({
        path: ['steps', step.name, ...key],
        at: offset + at,
        problem: `Step "${step.name}", ${key[0]}: ${problem}${problem.endsWith('?') ? '' : '.'}`,
      });
  };
  const isFanOut = step.foreach !== undefined;
  if (step.if !== undefined) check(['if'], step.if, 'bool', isFanOut);
  if (typeof step.foreach?.in === 'string') check(['foreach', 'in'], step.foreach.in, 'list', false);
  for (const match of step.pool?.name.matchAll(/\$\{([^}]*)\}/g) ?? [])
    check(['pool', 'name'], match[1] ?? '', 'any', isFanOut, match.index + 2);
  return problems;
}

/** What expressions can name, and of what type it is. */
function typesOf(spec: PipelineSpec): Omit<TypeScope, 'inFanOut'> {
  const params = Object.fromEntries(parametersOf(spec).map((name) => [name, TYPES[spec.parameters?.[name]?.type ?? 'string']]));
  const outputs = spec.steps.map((step) => {
    const values = Object.entries(step.outputs).flatMap(([name, { type }]): readonly (readonly [string, ValueType])[] =>
      type === 'json' || type === 'metrics' ? [[name, step.foreach !== undefined ? 'list' : type === 'json' ? 'any' : 'object']] : [],
    );
    return [step.name, Object.fromEntries(values)] as const;
  });
  return { params, outputs: Object.fromEntries(outputs) };
}

const TYPES = { string: 'string', int: 'number', float: 'number', bool: 'bool', json: 'any' } as const satisfies Record<
  ParameterType,
  ValueType
>;

function parametersOf(spec: PipelineSpec): readonly string[] {
  return [...new Set([...Object.keys(spec.params), ...Object.keys(spec.parameters ?? {})])];
}

/** Two outputs that become versions of one dataset in one run would leave it open which of them a reader gets. */
function writerProblems(spec: PipelineSpec): readonly PipelineProblem[] {
  const problems: PipelineProblem[] = [];
  const writers = new Map<string, string>();
  for (const step of spec.steps) {
    for (const [port, { dataset }] of Object.entries(step.outputs)) {
      if (dataset === null) continue;
      const place = `output "${port}" of step "${step.name}"`;
      const first = writers.get(dataset);
      if (first === undefined) writers.set(dataset, place);
      else
        problems.push({
          path: ['steps', step.name, 'outputs', port],
          problem: `Dataset "${dataset}" is written twice: by ${first} and by ${place}.`,
        });
    }
  }
  return problems;
}

/** Pairs of names that become one environment variable. */
function clashes(names: readonly string[]): readonly string[] {
  const seen = new Map<string, string>();
  const pairs: string[] = [];
  for (const name of names) {
    const first = seen.get(toEnvName(name));
    if (first !== undefined) pairs.push(`"${first}" and "${name}"`);
    seen.set(toEnvName(name), name);
  }
  return pairs;
}

/** What may have been meant, and what there is. */
function instead(written: string, names: readonly string[], what: string): string {
  const meant = suggest(written, names);
  const all =
    names.length === 0
      ? 'none'
      : names
          .slice(0, 50)
          .map((name) => `"${name}"`)
          .join(', ');
  return `; ${what} ${all}${meant === undefined ? '' : `; did you mean "${meant}"`}`;
}
