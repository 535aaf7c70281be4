import type { Digest } from '../ports/digest.ts';
import type { FanOutCount, StepPool, Task, TaskOutput, TaskState } from './types.ts';

/** How often a task's worker may die before the task is held to be the cause. */
export const LOST_LIMIT = 3;

/** What may happen to a task. A report of a worker carries the fence of its claim: one of an older claim is refused. */
export type TaskEvent =
  /** One of its upstreams has ended, and no longer holds it back. */
  | { readonly type: 'upstream_ended' }
  /** Nothing holds it back any more: a worker may claim it. */
  | { readonly type: 'ready'; readonly pool: StepPool | null }
  /** Its run is paused before a worker has claimed it. */
  | { readonly type: 'hold' }
  /** A person has to decide. */
  | { readonly type: 'ask' }
  | { readonly type: 'decide'; readonly approved: boolean; readonly actor: string; readonly note: string }
  /** Its fan-out is made of so many elements; `skipped` of them are so from the start. */
  | { readonly type: 'expand'; readonly total: number; readonly skipped: number }
  /** Of its elements so many have ended, `bad` of them without a result though not skipped. */
  | { readonly type: 'elements_ended'; readonly ended: number; readonly bad: number; readonly error: string | null }
  /** Its elements that had no result are set back, so many. */
  | { readonly type: 'elements_retried'; readonly open: number }
  /** It begins with the result of an earlier run. */
  | {
      readonly type: 'take';
      readonly outputs: Readonly<Record<string, TaskOutput>>;
      readonly cacheKey: Digest | null;
      readonly elements: FanOutCount | null;
    }
  /** Its condition was false, or an upstream was skipped. */
  | { readonly type: 'skip' }
  /** An upstream failed. */
  | { readonly type: 'block' }
  /** An expression of it has no value. */
  | { readonly type: 'refuse'; readonly error: string }
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
  | { readonly type: 'cancel' }
  /** `openUpstreams`: upstream tasks that hold it back now. */
  | { readonly type: 'retry'; readonly openUpstreams: number };

const OPEN: ReadonlySet<TaskState> = new Set(['waiting', 'ready', 'running', 'paused', 'canceling']);

export function isFinal(state: TaskState): boolean {
  return !OPEN.has(state);
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
 * never forces). A final state is left by `retry` and `elements_retried` only.
 */
export function nextTask(task: Task, event: TaskEvent, now: number): Task | undefined {
  switch (event.type) {
    case 'upstream_ended':
      return task.state === 'waiting' && task.openUpstreams > 0 ? changed(task, { openUpstreams: task.openUpstreams - 1 }) : undefined;
    case 'ready':
      // What waited for its back-off when the run was paused still does; what never ran owes no pause, also when the clock was put back since it was made.
      return isDue(task)
        ? changed(task, { state: 'ready', readyAt: task.attempt === 0 ? now : Math.max(task.readyAt, now), pool: event.pool })
        : undefined;
    case 'hold':
      return task.state === 'ready' ? changed(task, { state: 'waiting' }) : undefined;
    case 'ask':
      return isDue(task) ? changed(task, { state: 'paused', startedAt: now }) : undefined;
    case 'decide': {
      if (task.state !== 'paused') return undefined;
      const { actor, approved, note } = event;
      const error = approved ? null : `${actor} refused${note === '' ? '' : `: ${note}`}.`;
      return ended(task, approved ? 'succeeded' : 'failed', now, { worker: actor, error });
    }
    case 'expand': {
      if (!isDue(task)) return undefined;
      const { total, skipped } = event;
      return withElements(changed(task, { state: 'running', startedAt: now }), { total, open: total - skipped, bad: 0 }, null, now);
    }
    case 'elements_ended': {
      const { elements } = task;
      if (elements === null || (task.state !== 'running' && task.state !== 'canceling')) return undefined;
      const count = { ...elements, open: Math.max(0, elements.open - event.ended), bad: elements.bad + event.bad };
      return withElements(changed(task, {}), count, event.error, now);
    }
    case 'elements_retried':
      if (task.elements === null || (task.state !== 'failed' && task.state !== 'canceled')) return undefined;
      return changed(task, { state: 'running', error: null, endedAt: null, elements: { ...task.elements, open: event.open, bad: 0 } });
    case 'take': {
      const { outputs, cacheKey, elements } = event;
      return task.state === 'waiting' ? ended(task, 'cached', now, { outputs, cacheKey, elements }) : undefined;
    }
    case 'skip':
      return task.state === 'waiting' ? ended(task, 'skipped', now, {}) : undefined;
    case 'block':
      return task.state === 'waiting' ? ended(task, 'blocked', now, {}) : undefined;
    case 'refuse':
      return task.state === 'waiting' ? ended(task, 'failed', now, { error: event.error }) : undefined;
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
      return holds(task, event.fence) || stops(task, event.fence) ? changed(task, { leaseUntil: event.leaseUntil }) : undefined;
    case 'succeed':
      if (stops(task, event.fence)) return ended(task, 'canceled', now, {});
      return holds(task, event.fence)
        ? ended(task, 'succeeded', now, { cacheKey: event.cacheKey, outputs: event.outputs, error: null })
        : undefined;
    case 'hit':
      if (stops(task, event.fence)) return ended(task, 'canceled', now, {});
      // What was taken over was not run: the attempt is given back.
      return holds(task, event.fence)
        ? ended(task, 'cached', now, { cacheKey: event.cacheKey, outputs: event.outputs, error: null, attempt: task.attempt - 1 })
        : undefined;
    case 'fail': {
      if (stops(task, event.fence)) return ended(task, 'canceled', now, {});
      if (!holds(task, event.fence)) return undefined;
      const { error, cacheKey } = event;
      if (event.retryAt === null || failuresOf(task) > event.retries) return ended(task, 'failed', now, { error, cacheKey });
      return changed(task, { ...unleased, state: 'ready', readyAt: event.retryAt, error, cacheKey });
    }
    case 'release':
      if (stops(task, event.fence)) return ended(task, 'canceled', now, {});
      return holds(task, event.fence) ? changed(task, { ...unleased, state: 'ready', readyAt: now, attempt: task.attempt - 1 }) : undefined;
    case 'lose': {
      if (stops(task, event.fence)) return ended(task, 'canceled', now, {});
      if (!holds(task, event.fence)) return undefined;
      const lost = task.lost + 1;
      if (lost <= LOST_LIMIT) return changed(task, { ...unleased, state: 'ready', readyAt: now, lost });
      return ended(task, 'failed', now, {
        lost,
        error: `Its worker died ${lost} times while it ran; perhaps it needs more memory than there is.`,
      });
    }
    case 'cancel':
      if (isFinal(task.state) || task.state === 'canceling') return undefined;
      // What a worker holds, or elements do, ends first.
      if (task.state === 'running') return changed(task, { state: 'canceling' });
      return ended(task, 'canceled', now, {});
    case 'retry': {
      if (!isFinal(task.state)) return undefined;
      if (hasResult(task.state) && task.elements !== null) return undefined;
      return changed(task, {
        ...unleased,
        state: 'waiting',
        openUpstreams: event.openUpstreams,
        elements: null,
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

/** Nothing holds it back, and it is decided now what becomes of it. */
function isDue(task: Task): boolean {
  return task.state === 'waiting' && task.openUpstreams === 0;
}

function holds(task: Task, fence: number): boolean {
  return task.state === 'running' && task.elements === null && task.fence === fence;
}

/** It was canceled while its worker had it. */
function stops(task: Task, fence: number): boolean {
  return task.state === 'canceling' && task.elements === null && task.fence === fence;
}

/** A fan-out with its count; it ends with its last element. */
function withElements(task: Task, elements: FanOutCount, error: string | null, now: number): Task {
  const first = task.error ?? error;
  const next = { ...task, elements, error: first };
  if (elements.open > 0) return next;
  const state = task.state === 'canceling' ? 'canceled' : elements.bad > 0 ? 'failed' : 'succeeded';
  const told =
    elements.bad === 0 ? null : `${elements.bad} of ${elements.total} elements failed.${first === null ? '' : ` The first: ${first}`}`;
  return { ...next, state, error: told, endedAt: now };
}

function changed(task: Task, change: Partial<Task>): Task {
  return { ...task, ...change, revision: task.revision + 1 };
}

function ended(task: Task, state: TaskState, now: number, change: Partial<Task>): Task {
  return changed(task, { ...change, state, leaseUntil: null, endedAt: now });
}
