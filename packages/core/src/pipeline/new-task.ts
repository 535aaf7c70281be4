import type { Task } from './types.ts';

/** How much earlier a task of one higher priority is claimed, as if it had waited so long: what is of low priority has its turn in the end. */
export const PRIORITY_HEAD_START_MS = 600_000;

/** A task that nothing has happened to yet. */
export function newTask(task: Pick<Task, 'id' | 'run' | 'step'> & Partial<Task>): Task {
  return {
    index: null,
    item: null,
    elements: null,
    priority: 0,
    pool: null,
    state: 'waiting',
    attempt: 0,
    lost: 0,
    readyAt: 0,
    openUpstreams: 0,
    worker: null,
    leaseUntil: null,
    fence: 0,
    cacheKey: null,
    outputs: {},
    error: null,
    startedAt: null,
    endedAt: null,
    revision: 0,
    ...task,
  };
}
