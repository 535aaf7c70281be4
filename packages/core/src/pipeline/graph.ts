import type { PipelineSpec, PipelineStep } from './types.ts';

/** Steps that must succeed before this one starts: those it takes outputs from, and those named in `after`. Sorted, each once. */
export function upstreamsOf(step: PipelineStep): readonly string[] {
  const names = new Set(step.after);
  for (const input of Object.values(step.inputs)) {
    if (input.from === 'step') names.add(input.step);
  }
  return [...names].toSorted();
}

/** Steps that wait for `name`, in the pipeline's order. */
export function downstreamsOf(spec: PipelineSpec, name: string): readonly string[] {
  return spec.steps.filter((step) => upstreamsOf(step).includes(name)).map((step) => step.name);
}

/** Every step that `name` depends on, however far, in the pipeline's order; without `name` itself. */
export function ancestorsOf(spec: PipelineSpec, name: string): readonly PipelineStep[] {
  const byName = new Map(spec.steps.map((step) => [step.name, step]));
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const step = byName.get(next);
    for (const upstream of step === undefined ? [] : upstreamsOf(step)) {
      if (found.has(upstream)) continue;
      found.add(upstream);
      open.push(upstream);
    }
  }
  return spec.steps.filter((step) => step.name !== name && found.has(step.name));
}

/**
 * The steps in an order in which each comes after its upstreams (as declared where that is free), or the circle that forbids one:
 * step names, the first again at the end. Upstreams that do not exist are passed over.
 */
export function orderSteps(spec: PipelineSpec): { readonly order: readonly string[] } | { readonly circle: readonly string[] } {
  const byName = new Map(spec.steps.map((step) => [step.name, step]));
  const done = new Set<string>();
  const order: string[] = [];
  for (const { name } of spec.steps) {
    // An explicit stack: a chain may be longer than the call stack is deep.
    const path = [{ name, open: [...upstreams(name)] }];
    while (!done.has(name)) {
      const top = path.at(-1);
      if (top === undefined) break;
      const next = top.open.shift();
      if (next === undefined) {
        done.add(top.name);
        order.push(top.name);
        path.pop();
      } else if (path.some((entry) => entry.name === next)) {
        const start = path.findIndex((entry) => entry.name === next);
        return { circle: [...path.slice(start).map((entry) => entry.name), next] };
      } else if (!done.has(next) && byName.has(next)) {
        path.push({ name: next, open: [...upstreams(next)] });
      }
    }
  }
  return { order };

  function upstreams(name: string): readonly string[] {
    const step = byName.get(name);
    return step === undefined ? [] : upstreamsOf(step);
  }
}
