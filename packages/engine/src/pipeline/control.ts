import { fault, graphOf, hasResult, isFinal, orderSteps } from '@pawl/core';
import type { Database, PipelineRun, Task, TaskState, Writers } from '@pawl/core';
import { retryOnConflict } from '../conflict.ts';
import { Advance } from './advance.ts';
import type { AdvancePorts } from './advance.ts';
import { setRunState } from './run-state.ts';
import { elementsOf } from './scope.ts';
import { toTaskId } from './task-id.ts';

export interface Decision {
  readonly step: string;
  readonly index?: number;
  readonly approved: boolean;
  readonly note: string;
}

/** What people do to a run. Each throws `pipeline_run_not_found`. */
export interface PipelineControl {
  /** Sets the failed, blocked and canceled tasks of an ended run back; what succeeded stays. Throws `run_not_retryable`. */
  retry(run: string, actor: string): Promise<PipelineRun>;
  /**
   * Stops a run: nothing more starts, commands under way are ended by their worker, and steps that run even then do. A run that has ended stays as it is.
   * @param error why it fails by that; without one it ends as canceled
   */
  cancel(run: string, actor: string, error?: string): Promise<PipelineRun>;
  /** Nothing more starts; what runs goes on. Throws `run_not_pausable`. */
  pause(run: string, actor: string): Promise<PipelineRun>;
  /** A paused run goes on; one that runs stays as it is. Throws `run_not_pausable`. */
  resume(run: string, actor: string): Promise<PipelineRun>;
  /** Answers a step that asks a person. Throws `task_not_found`, `step_not_asking`. */
  decide(run: string, decision: Decision, actor: string): Promise<Task>;
}

const STARTABLE: ReadonlySet<TaskState> = new Set(['waiting', 'ready']);

export function createControl(ports: AdvancePorts & { readonly database: Database }): PipelineControl {
  const { database, clock, hash } = ports;

  const change = <T>(id: string, work: (tx: Writers, run: PipelineRun) => Promise<T>): Promise<T> =>
    retryOnConflict(`Pipeline run ${id}`, () =>
      database.transaction(async (tx) => {
        const run = await tx.pipelines.run(id);
        if (run === undefined) throw fault('pipeline_run_not_found', { id });
        return work(tx, run);
      }),
    );

  /** All tasks of a run that a filter takes, elements after their fan-outs. */
  const collect = async (tx: Writers, run: PipelineRun, wanted: (task: Task) => boolean): Promise<readonly Task[]> => {
    const found: Task[] = [];
    for (const task of await tx.tasks.byRun(run.id)) {
      if (wanted(task)) found.push(task);
      if (task.elements === null) continue;
      for await (const element of elementsOf(tx.tasks, task)) if (wanted(element)) found.push(element);
    }
    return found;
  };

  return {
    cancel: (id, actor, error) =>
      change(id, async (tx, run) => {
        if (run.state !== 'running' && run.state !== 'paused') return run;
        const options = error === undefined ? run.options : { ...run.options, error };
        const canceling = await setRunState(tx, ports, run, 'canceling', actor, options);
        const graph = graphOf(run.spec);
        const advance = new Advance(tx, ports, canceling, actor);
        const open = await collect(tx, run, (task) => !isFinal(task.state) && graph.step(task.step)?.onCancel !== true);
        for (const task of open) await advance.move(task, { type: 'cancel' });
        return advance.settle();
      }),
    pause: (id, actor) =>
      change(id, async (tx, run) => {
        if (run.state === 'paused') return run;
        if (run.state !== 'running') throw fault('run_not_pausable', { id, state: run.state });
        const paused = await setRunState(tx, ports, run, 'paused', actor);
        const advance = new Advance(tx, ports, paused, actor);
        for (const task of await collect(tx, run, ({ state }) => state === 'ready')) await advance.move(task, { type: 'hold' });
        return advance.settle();
      }),
    resume: (id, actor) =>
      change(id, async (tx, run) => {
        if (run.state === 'running') return run;
        if (run.state !== 'paused') throw fault('run_not_pausable', { id, state: run.state });
        const advance = new Advance(tx, ports, await setRunState(tx, ports, run, 'running', actor), actor);
        for (const task of await collect(tx, run, ({ state }) => STARTABLE.has(state))) advance.note(task);
        return advance.settle();
      }),
    decide: (id, { step, index, approved, note }, actor) =>
      change(id, async (tx, run) => {
        const task = await tx.tasks.get(toTaskId(hash, id, step, index ?? null));
        if (task === undefined) throw fault('task_not_found', { run: id, step });
        const advance = new Advance(tx, ports, run, actor);
        const decided = await advance.move(task, { type: 'decide', approved, actor, note });
        if (decided === undefined) throw fault('step_not_asking', { run: id, step, state: task.state });
        await advance.settle();
        return decided;
      }),
    retry: (id, actor) =>
      change(id, async (tx, run) => {
        if (run.state !== 'failed' && run.state !== 'canceled') throw fault('run_not_retryable', { id, state: run.state });
        await tx.runs.reopen(id);
        const { error: _error, deadline: _deadline, ...kept } = run.options;
        const { timeoutMs } = run.spec;
        const options = { ...kept, ...(timeoutMs === undefined ? {} : { deadline: clock.now() + timeoutMs }) };
        const advance = new Advance(tx, ports, await setRunState(tx, ports, run, 'running', actor, options), actor);
        await setBack(tx, run, advance);
        return advance.settle();
      }),
  };
}

/** Sets back what has no result, and what was decided by it: steps skipped or run after its end. */
async function setBack(tx: Writers, run: PipelineRun, advance: Advance): Promise<void> {
  const graph = graphOf(run.spec);
  const tasks = new Map((await tx.tasks.byRun(run.id)).map((task) => [task.step, task]));
  const ordered = orderSteps(run.spec);
  const back = new Set<string>();
  for (const name of 'order' in ordered ? ordered.order : []) {
    const task = tasks.get(name);
    if (task === undefined) continue;
    const upstreams = graph.upstreams(name);
    const failed = task.state === 'failed' || task.state === 'blocked' || task.state === 'canceled';
    if (!failed && !upstreams.some((one) => back.has(one))) continue;
    back.add(name);
    if (task.elements !== null && failed) {
      await setBackElements(tx, task, graph.step(name)?.foreach?.parallelism ?? 0, advance);
      continue;
    }
    const openUpstreams = upstreams.filter((one) => back.has(one)).length;
    const next = await advance.move(task, { type: 'retry', openUpstreams });
    const isSkipped =
      graph.step(name)?.always !== true && upstreams.some((one) => !back.has(one) && !hasResult(tasks.get(one)?.state ?? 'waiting'));
    if (next !== undefined && isSkipped) await advance.move(next, { type: 'skip' });
  }
}

/** Only elements without a result run again. */
async function setBackElements(tx: Writers, fanOut: Task, limit: number, advance: Advance): Promise<void> {
  const again: Task[] = [];
  for await (const element of elementsOf(tx.tasks, fanOut)) {
    if (element.state === 'failed' || element.state === 'canceled') again.push(element);
  }
  await advance.move(fanOut, { type: 'elements_retried', open: again.length });
  for (const [place, element] of again.entries())
    await advance.move(element, { type: 'retry', openUpstreams: limit > 0 && place >= limit ? 1 : 0 });
}
