import type { Digest } from '../ports/digest.ts';
import type { Task, TaskOutput, TaskState } from './types.ts';

/** How often a task's worker may die before the task is held to be the cause. */
export const LOST_LIMIT = 3;

/** What may happen to a task. A report of a worker carries the fence of its claim: one of an older claim is refused. */
export type TaskEvent =
  | { readonly type: 'claim'; readonly worker: string; readonly leaseUntil: number }
  | { readonly type: 'renew'; readonly fence: number; readonly leaseUntil: number }
  | {
      readonly type: 'succeed';
      readonly fence: number;
      readonly cacheKey: Digest | null;
      readonly outputs: Readonly<Record<string, TaskOutput>>;
    }
  | { readonly type: 'hit'; readonly fence: number; readonly cacheKey: Digest; readonly outputs: Readonly<Record<string, TaskOutput>> }
  /** `retryAt`: when to try again; null when another attempt would be of no use. `retries` is what the step declares. */
  | {
      readonly type: 'fail';
      readonly fence: number;
      readonly error: string;
      readonly cacheKey: Digest | null;
      readonly retries: number;
      readonly retryAt: number | null;
    }
  /** The worker stops and gives the task back: this attempt does not count. */
  | { readonly type: 'release'; readonly fence: number }
  /** The worker is gone: its lease ended, or the process that held it was started anew. */
  | { readonly type: 'lose'; readonly fence: number }
  | { readonly type: 'upstream_succeeded' }
  | { readonly type: 'upstream_failed' }
  | { readonly type: 'cancel' }
  /** `openUpstreams`: upstream tasks without a result now. */
  | { readonly type: 'retry'; readonly openUpstreams: number };

export function isFinal(state: TaskState): boolean {
  return state !== 'waiting' && state !== 'ready' && state !== 'running' && state !== 'paused' && state !== 'canceling';
}

/** Its outputs are there for the downstream. */
export function hasResult(state: TaskState): boolean {
  return state === 'succeeded' || state === 'cached';
}

/** Attempts that the step itself failed: those of dead workers are not its fault. */
export function failuresOf(task: Task): number {
  return task.attempt - task.lost;
}

/**
 * The task after `event` at time `now`, its revision one higher; undefined when the event may not happen to it as it is (the caller reads again, and
 * never forces). A final state is left by `retry` only.
 */
export function nextTask(task: Task, event: TaskEvent, now: number): Task | undefined {
  switch (event.type) {
    case 'claim':
      if (task.state !== 'ready' || task.readyAt > now) return undefined;
      return changed(task, {
        state: 'running',
        worker: event.worker,
        leaseUntil: event.leaseUntil,
        startedAt: now,
        attempt: task.attempt + 1,
        fence: task.fence + 1,
      });
    case 'renew':
      return holds(task, event.fence) ? changed(task, { leaseUntil: event.leaseUntil }) : undefined;
    case 'succeed':
      return holds(task, event.fence)
        ? ended(task, 'succeeded', now, { cacheKey: event.cacheKey, outputs: event.outputs, error: null })
        : undefined;
    case 'hit':
      // What was taken over was not run: the attempt is given back.
      return holds(task, event.fence)
        ? ended(task, 'cached', now, { cacheKey: event.cacheKey, outputs: event.outputs, error: null, attempt: task.attempt - 1 })
        : undefined;
    case 'fail': {
      if (!holds(task, event.fence)) return undefined;
      const { error, cacheKey } = event;
      if (event.retryAt === null || failuresOf(task) > event.retries) return ended(task, 'failed', now, { error, cacheKey });
      return changed(task, { ...unleased, state: 'ready', readyAt: event.retryAt, error, cacheKey });
    }
    case 'release':
      return holds(task, event.fence) ? changed(task, { ...unleased, state: 'ready', readyAt: now, attempt: task.attempt - 1 }) : undefined;
    case 'lose': {
      if (!holds(task, event.fence)) return undefined;
      const lost = task.lost + 1;
      if (lost <= LOST_LIMIT) return changed(task, { ...unleased, state: 'ready', readyAt: now, lost });
      return ended(task, 'failed', now, {
        lost,
        error: `Its worker died ${lost} times while it ran; perhaps it needs more memory than there is.`,
      });
    }
    case 'upstream_succeeded': {
      if (task.state !== 'waiting') return undefined;
      const openUpstreams = Math.max(0, task.openUpstreams - 1);
      return changed(task, openUpstreams === 0 ? { openUpstreams, state: 'ready', readyAt: now } : { openUpstreams });
    }
    case 'upstream_failed':
      return task.state === 'waiting' ? ended(task, 'blocked', now, {}) : undefined;
    case 'cancel':
      return isFinal(task.state) ? undefined : ended(task, 'canceled', now, {});
    case 'retry': {
      if (task.state !== 'failed' && task.state !== 'blocked' && task.state !== 'canceled') return undefined;
      const { openUpstreams } = event;
      return changed(task, {
        ...unleased,
        state: openUpstreams === 0 ? 'ready' : 'waiting',
        openUpstreams,
        readyAt: now,
        error: null,
        startedAt: null,
        endedAt: null,
      });
    }
    default:
      return event satisfies never;
  }
}

const unleased = { worker: null, leaseUntil: null } as const;

function holds(task: Task, fence: number): boolean {
  return task.state === 'running' && task.fence === fence;
}

function changed(task: Task, change: Partial<Task>): Task {
  return { ...task, ...change, revision: task.revision + 1 };
}

function ended(task: Task, state: TaskState, now: number, change: Partial<Task>): Task {
  return changed(task, { ...change, state, leaseUntil: null, endedAt: now });
}
