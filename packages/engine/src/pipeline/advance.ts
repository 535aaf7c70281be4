import { effectOf, expressionsOf, graphOf, hasResult, isFinal, newTask, nextTask, openTask, toRunState } from '@pawl/core';
import type { Hash, JsonValue, NewEvent, PipelineRun, PipelineStep, Scope, Task, TaskEvent, Writers } from '@pawl/core';
import { expectWon } from '../conflict.ts';
import { toTaskEvent } from './events.ts';
import type { MovePorts } from './events.ts';
import { setRunState } from './run-state.ts';
import { readScope } from './scope.ts';
import { toTaskId } from './task-id.ts';

export interface AdvancePorts extends MovePorts {
  readonly hash: Hash;
}

/**
 * What follows from tasks that have ended or that nothing holds back, in one run and inside one transaction: upstreams are counted down, conditions decided,
 * fan-outs made and ended, and the run ends with its last task. It reads only the tasks it changes, so a run of many costs no more for each. Throws Conflict.
 */
export class Advance {
  readonly #tx: Writers;
  readonly #ports: AdvancePorts;
  readonly #run: PipelineRun;
  readonly #actor: string;
  readonly #events: NewEvent[] = [];
  /** Tasks as this transaction has left them. */
  readonly #tasks = new Map<string, Task>();
  readonly #ended: Task[] = [];
  readonly #due: Task[] = [];

  constructor(tx: Writers, ports: AdvancePorts, run: PipelineRun, actor: string) {
    this.#tx = tx;
    this.#ports = ports;
    this.#run = run;
    this.#actor = actor;
  }

  /** Moves a task and notes what follows; undefined when the event may not happen to it. */
  async move(task: Task, event: TaskEvent): Promise<Task | undefined> {
    const next = nextTask(task, event, this.#ports.clock.now());
    if (next === undefined) return undefined;
    expectWon(await this.#tx.tasks.update(next, task.revision));
    this.#tasks.set(next.id, next);
    // Counting is no news, and a fan-out tells of itself when it is made and when it ends.
    const isNews = next.state !== task.state;
    if (isNews) this.#events.push(toTaskEvent(this.#ports, next, this.#actor));
    this.note(next);
    return next;
  }

  /** Takes a task that was written elsewhere in this transaction, for what follows from it. */
  note(task: Task): void {
    this.#tasks.set(task.id, task);
    if (isFinal(task.state)) this.#ended.push(task);
    else if (task.state === 'waiting' && task.openUpstreams === 0) this.#due.push(task);
  }

  /** Does all that follows. Returns the run as it is then. */
  async settle(): Promise<PipelineRun> {
    let some = false;
    for (;;) {
      const due = this.#due.shift();
      if (due !== undefined) {
        await this.#open(due);
        continue;
      }
      const ended = this.#ended.splice(0);
      if (ended.length === 0) break;
      some = true;
      for (const task of ended) if (task.index === null) await this.#release(task);
      await this.#endElements(ended.filter((task) => task.index !== null));
    }
    await this.#tx.events.append(this.#events.splice(0));
    return some ? this.#endRun() : this.#run;
  }

  async #get(step: string): Promise<Task | undefined> {
    const id = toTaskId(this.#ports.hash, this.#run.id, step);
    return this.#tasks.get(id) ?? this.#tx.tasks.get(id);
  }

  /** The end of a step for those that wait for it. */
  async #release(ended: Task): Promise<void> {
    const graph = graphOf(this.#run.spec);
    for (const name of graph.downstreams(ended.step)) {
      const step = graph.step(name);
      const task = await this.#get(name);
      if (step !== undefined && task !== undefined) await this.move(task, effectOf(step, ended.state));
    }
  }

  /** The ends of elements for their fan-outs, each counted once, and the next elements in the places of those that ended. */
  async #endElements(elements: readonly Task[]): Promise<void> {
    for (const [name, ended] of Map.groupBy(elements, (task) => task.step)) {
      const fanOut = await this.#get(name);
      if (fanOut === undefined) continue;
      const bad = ended.filter((task) => !hasResult(task.state) && task.state !== 'skipped');
      const error = bad.find((task) => task.error !== null)?.error ?? null;
      const next = await this.move(fanOut, { type: 'elements_ended', ended: ended.length, bad: bad.length, error });
      const limit = graphOf(this.#run.spec).step(name)?.foreach?.parallelism ?? 0;
      if (next?.state !== 'running' || limit === 0) continue;
      // In a paused run up to `limit` have had their turn already and wait for it to go on.
      const waiting = await this.#tx.tasks.elements(this.#run.id, name, { after: -1, limit: ended.length + limit, state: 'waiting' });
      const turns = waiting.filter((one) => one.openUpstreams > 0).slice(0, ended.length);
      for (const task of turns) await this.move(task, { type: 'upstream_ended' });
    }
  }

  /** Decides what becomes of a task that nothing holds back. */
  async #open(noted: Task): Promise<void> {
    const task = this.#tasks.get(noted.id) ?? noted;
    const step = graphOf(this.#run.spec).step(task.step);
    if (step === undefined || task.state !== 'waiting') return;
    if (this.#run.state === 'canceling' && step.onCancel !== true) return void (await this.move(task, { type: 'cancel' }));
    // It stays as it is until the run goes on.
    if (this.#run.state === 'paused') return;
    const scope = await readScope({ tasks: this.#tx.tasks, hash: this.#ports.hash }, this.#run, expressionsOf(step));
    const opening = openTask(step, task.index !== null, scopeOf(scope, task.item, task.index));
    if (opening.type === 'event') await this.move(task, opening.event);
    else await this.#expand(task, step, opening.items, scope);
  }

  async #expand(task: Task, step: PipelineStep, items: readonly JsonValue[], scope: Scope): Promise<void> {
    const { hash, clock } = this.#ports;
    const now = clock.now();
    const limit = step.foreach?.parallelism ?? 0;
    const elements: Task[] = [];
    let started = 0;
    let skipped = 0;
    for (const [index, item] of items.entries()) {
      const id = toTaskId(hash, task.run, task.step, index);
      const fresh = newTask({ id, run: task.run, step: task.step, index, item, priority: task.priority, readyAt: now });
      const opening = openTask(step, true, scopeOf(scope, item, index));
      const event: TaskEvent = opening.type === 'event' ? opening.event : { type: 'skip' };
      // Those whose turn has not come wait for one to end, whichever it is.
      const held = event.type === 'ready' || event.type === 'ask' ? limit > 0 && started >= limit : false;
      const element = held ? newTask({ ...fresh, openUpstreams: 1 }) : nextTask(fresh, event, now);
      if (element === undefined) continue;
      if (!held && !isFinal(element.state)) started += 1;
      if (element.state === 'skipped') skipped += 1;
      elements.push({ ...element, revision: 0 });
    }
    await this.#tx.tasks.insert(elements);
    const made = await this.move(task, { type: 'expand', total: elements.length, skipped });
    const failed = elements.filter((one) => one.state === 'failed');
    if (made !== undefined && failed.length > 0) await this.#endElements(failed);
  }

  /** The run ends with its last task. */
  async #endRun(): Promise<PipelineRun> {
    const run = this.#run;
    if (run.state !== 'running' && run.state !== 'canceling' && run.state !== 'paused') return run;
    if (await this.#tx.tasks.hasOpen(run.id)) return run;
    const state = run.options.error === undefined ? toRunState(await this.#tx.tasks.tally(run.id), run.state === 'canceling') : 'failed';
    return setRunState(this.#tx, this.#ports, run, state, this.#actor);
  }
}

function scopeOf(scope: Scope, item: JsonValue, index: number | null): Scope {
  return index === null ? scope : { ...scope, item, index };
}
