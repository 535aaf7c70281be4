import { isFinal, nextTask, settleDownstream, toRunState } from '@pawl/core';
import type { Clock, Ids, NewEvent, PipelineRun, RunStatus, Task, TaskEvent, Writers } from '@pawl/core';
import { expectWon } from '../conflict.ts';
import { toEvent } from '../event.ts';
import { endRun } from '../experiment/rows.ts';

export interface MovePorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

const RUN_STATUS = { succeeded: 'finished', failed: 'failed', canceled: 'killed' } as const satisfies Record<string, RunStatus>;

/**
 * Moves a task inside a transaction, with all that follows: its downstream counts down or is blocked, and the run ends with its last task. Returns the
 * task, or undefined when the event may not happen to it any more (an older fence, a final state): then nothing was written. Throws Conflict.
 */
export async function moveTask(tx: Writers, ports: MovePorts, id: string, event: TaskEvent, actor: string): Promise<Task | undefined> {
  const now = ports.clock.now();
  const stored = await tx.tasks.get(id);
  const task = stored && nextTask(stored, event, now);
  if (stored === undefined || task === undefined) return undefined;
  expectWon(await tx.tasks.update(task, stored.revision));
  if (event.type === 'renew') return task;
  await tx.events.append([toTaskEvent(ports, task, actor)]);
  if (isFinal(task.state)) await settleRun(tx, ports, task, actor);
  return task;
}

/** A final task's consequences in its run. */
async function settleRun(tx: Writers, ports: MovePorts, ended: Task, actor: string): Promise<void> {
  const run = await tx.pipelines.run(ended.run);
  if (run === undefined || run.state !== 'running') return;
  // Transactions are serializable: of two tasks that end at once, the later one sees the other's end.
  const now = ports.clock.now();
  const tasks = await tx.tasks.byRun(run.id);
  const changed = settleDownstream(run.spec, tasks, ended, now);
  const events: NewEvent[] = [];
  for (const task of changed) {
    expectWon(await tx.tasks.update(task, task.revision - 1));
    events.push(toTaskEvent(ports, task, actor));
  }
  await tx.events.append(events);
  const after = new Map(changed.map((task) => [task.id, task]));
  const state = toRunState(tasks.map((task) => after.get(task.id) ?? task));
  if (state !== 'running') await setRunState(tx, ports, run, state, actor);
}

function isEnded(state: PipelineRun['state']): state is keyof typeof RUN_STATUS {
  return state in RUN_STATUS;
}

/** Compare-and-sets the run's state; with a final one its experiment run ends too. Throws Conflict. */
export async function setRunState(
  tx: Writers,
  ports: MovePorts,
  run: PipelineRun,
  state: PipelineRun['state'],
  actor: string,
): Promise<PipelineRun> {
  const next: PipelineRun = { ...run, state, endedAt: isEnded(state) ? ports.clock.now() : null, revision: run.revision + 1 };
  expectWon(await tx.pipelines.updateRun(next, run.revision));
  if (!isEnded(state)) return next;
  await endRun(tx, ports, run.id, RUN_STATUS[state], actor);
  const { key, type, event } = run.cause;
  await tx.events.append([
    toEvent(ports, 'pipeline.run_ended', `pipeline-run/${run.id}`, actor, {
      run: run.id,
      pipeline: run.pipeline,
      state,
      cause: { type, key, event },
    }),
  ]);
  return next;
}

export function toTaskEvent(ports: MovePorts, task: Task, actor: string): NewEvent {
  const outputs = Object.fromEntries(
    Object.entries(task.outputs).map(([name, { manifest, dataset }]) => [name, { manifest, dataset: dataset && { ...dataset } }]),
  );
  const { run, step, state, attempt, error } = task;
  return toEvent(ports, 'task.changed', `task/${task.id}`, actor, {
    run,
    step,
    state,
    attempt,
    ...(error === null ? {} : { error }),
    outputs,
  });
}
