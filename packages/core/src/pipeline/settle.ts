import { downstreamsOf, upstreamsOf } from './graph.ts';
import { hasResult, isFinal, nextTask } from './transition.ts';
import type { PipelineRunState, PipelineSpec, Task } from './types.ts';

/**
 * What the end of one task means for the others of its run: those waiting for it count down or become ready, or are blocked, and those behind them too.
 * `tasks` holds the ended one in its final state. Returns the changed tasks only.
 */
export function settleDownstream(spec: PipelineSpec, tasks: readonly Task[], ended: Task, now: number): readonly Task[] {
  const byStep = new Map(tasks.map((task) => [task.step, task]));
  const changed = new Map<string, Task>();
  const open = [ended];
  for (let task = open.shift(); task !== undefined; task = open.shift()) {
    const type = hasResult(task.state) ? 'upstream_succeeded' : 'upstream_failed';
    for (const step of downstreamsOf(spec, task.step)) {
      const before = byStep.get(step);
      const after = before && nextTask(before, { type }, now);
      if (before === undefined || after === undefined) continue;
      byStep.set(step, after);
      changed.set(step, after);
      if (isFinal(after.state)) open.push(after);
    }
  }
  return [...changed.values()];
}

/** How the run stands by its tasks: running while one is open; else failed when one has no result, canceled when that was asked for. */
export function toRunState(tasks: readonly Task[]): PipelineRunState {
  if (tasks.some((task) => !isFinal(task.state))) return 'running';
  if (tasks.some((task) => task.state === 'failed' || task.state === 'blocked')) return 'failed';
  return tasks.some((task) => task.state === 'canceled') ? 'canceled' : 'succeeded';
}

/** The tasks that a retry of an ended run sets back, with as many open upstreams as have no result. */
export function retryTasks(spec: PipelineSpec, tasks: readonly Task[], now: number): readonly Task[] {
  const byStep = new Map(tasks.map((task) => [task.step, task]));
  const back: Task[] = [];
  for (const step of spec.steps) {
    const task = byStep.get(step.name);
    const openUpstreams = upstreamsOf(step).filter((name) => {
      const upstream = byStep.get(name);
      return upstream === undefined || !hasResult(upstream.state);
    }).length;
    const next = task && nextTask(task, { type: 'retry', openUpstreams }, now);
    if (next !== undefined) back.push(next);
  }
  return back;
}
