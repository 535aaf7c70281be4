import { outputsRead } from './expression/check.ts';
import type { PipelineSpec, PipelineStep } from './types.ts';

/** A definition's steps with what each waits for and what waits for it. */
export interface PipelineGraph {
  step(name: string): PipelineStep | undefined;
  /** Steps that must end before this one starts. Sorted, each once. */
  upstreams(name: string): readonly string[];
  /** Steps that wait for this one, in the pipeline's order. */
  downstreams(name: string): readonly string[];
}

const known = new WeakMap<PipelineSpec, PipelineGraph>();

/** Made once for each definition: the end of each of its tasks asks for it. */
export function graphOf(spec: PipelineSpec): PipelineGraph {
  const found = known.get(spec);
  if (found !== undefined) return found;
  const steps = new Map(spec.steps.map((step) => [step.name, step]));
  const ordinary = spec.steps.filter((step) => step.always !== true).map((step) => step.name);
  const upstreams = new Map<string, readonly string[]>();
  const downstreams = new Map<string, string[]>();
  for (const step of spec.steps) {
    const own = upstreamsOf(step);
    const names = own.length === 0 && step.always === true ? ordinary.toSorted() : own;
    upstreams.set(step.name, names);
    for (const name of names) {
      const list = downstreams.get(name);
      if (list === undefined) downstreams.set(name, [step.name]);
      else list.push(step.name);
    }
  }
  const graph: PipelineGraph = {
    step: (name) => steps.get(name),
    upstreams: (name) => upstreams.get(name) ?? [],
    downstreams: (name) => downstreams.get(name) ?? [],
  };
  known.set(spec, graph);
  return graph;
}

/** Steps that a step names itself: those it takes outputs from, also in expressions, and those in `after`. Sorted, each once. */
export function upstreamsOf(step: PipelineStep): readonly string[] {
  const names = new Set(step.after);
  for (const input of Object.values(step.inputs)) {
    if (input.from === 'step') names.add(input.step);
  }
  for (const text of expressionsOf(step)) {
    for (const read of outputsRead(text)) names.add(read.step);
  }
  return [...names].toSorted();
}

/** The expressions of a step that are evaluated before it starts. */
export function expressionsOf({ if: condition, foreach, pool }: PipelineStep): readonly string[] {
  const parts = pool === undefined ? [] : [...pool.name.matchAll(/\$\{([^}]*)\}/g)].map(([, text = '']) => text);
  if (condition !== undefined) parts.push(condition);
  if (typeof foreach?.in === 'string') parts.push(foreach.in);
  return parts;
}

/** Every step that `name` depends on, however far, in the pipeline's order; without `name` itself. */
export function ancestorsOf(spec: PipelineSpec, name: string): readonly PipelineStep[] {
  const { upstreams } = graphOf(spec);
  return reached(spec, name, upstreams);
}

/** Every step that depends on `name`, however far, in the pipeline's order; without `name` itself. */
export function descendantsOf(spec: PipelineSpec, name: string): readonly PipelineStep[] {
  const { downstreams } = graphOf(spec);
  return reached(spec, name, downstreams);
}

function reached(spec: PipelineSpec, name: string, nextOf: (name: string) => readonly string[]): readonly PipelineStep[] {
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const other of nextOf(next)) {
      if (found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  }
  return spec.steps.filter((step) => step.name !== name && found.has(step.name));
}

/**
 * The steps in an order in which each comes after its upstreams (as declared where that is free), or the circle that forbids one:
 * step names, the first again at the end. Upstreams that do not exist are passed over.
 */
export function orderSteps(spec: PipelineSpec): { readonly order: readonly string[] } | { readonly circle: readonly string[] } {
  const { step, upstreams } = graphOf(spec);
  const done = new Set<string>();
  const order: string[] = [];
  for (const { name } of spec.steps) {
    // An explicit stack: a chain may be longer than the call stack is deep.
    const path = [{ name, open: [...upstreams(name)] }];
    const onPath = new Set([name]);
    while (!done.has(name)) {
      const top = path.at(-1);
      if (top === undefined) break;
      const next = top.open.shift();
      if (next === undefined) {
        done.add(top.name);
        order.push(top.name);
        onPath.delete(top.name);
        path.pop();
      } else if (onPath.has(next)) {
        const start = path.findIndex((entry) => entry.name === next);
        return { circle: [...path.slice(start).map((entry) => entry.name), next] };
      } else if (!done.has(next) && step(next) !== undefined) {
        path.push({ name: next, open: [...upstreams(next)] });
        onPath.add(next);
      }
    }
  }
  return { order };
}
