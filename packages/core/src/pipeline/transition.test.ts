import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { newTask } from './new-task.ts';
import { failuresOf, hasResult, isFinal, LOST_LIMIT, nextTask } from './transition.ts';
import type { TaskEvent } from './transition.ts';
import type { Task, TaskState } from './types.ts';

const STATES: readonly TaskState[] = ['waiting', 'ready', 'running', 'succeeded', 'cached', 'failed', 'blocked', 'canceled'];
const TYPES: readonly TaskEvent['type'][] = [
  'claim',
  'renew',
  'succeed',
  'hit',
  'fail',
  'release',
  'lose',
  'upstream_succeeded',
  'upstream_failed',
  'cancel',
  'retry',
];

function task(state: TaskState, more: Partial<Task> = {}): Task {
  const running = state === 'running';
  return newTask({
    id: 't',
    run: 'r',
    step: 's',
    state,
    attempt: 1,
    openUpstreams: state === 'waiting' ? 2 : 0,
    worker: running ? 'w' : null,
    leaseUntil: running ? 100 : null,
    fence: 1,
    revision: 7,
    ...more,
  });
}

function event(type: TaskEvent['type'], fence: number): TaskEvent {
  const events: { readonly [Type in TaskEvent['type']]: TaskEvent } = {
    claim: { type: 'claim', worker: 'w', leaseUntil: 500 },
    renew: { type: 'renew', fence, leaseUntil: 600 },
    succeed: { type: 'succeed', fence, cacheKey: null, outputs: {} },
    hit: { type: 'hit', fence, cacheKey: 'sha256:00', outputs: {} },
    fail: { type: 'fail', fence, error: 'broken', cacheKey: null, retries: 0, retryAt: 50 },
    release: { type: 'release', fence },
    lose: { type: 'lose', fence },
    upstream_succeeded: { type: 'upstream_succeeded' },
    upstream_failed: { type: 'upstream_failed' },
    cancel: { type: 'cancel' },
    retry: { type: 'retry', openUpstreams: 0 },
  };
  return events[type];
}

test('the whole table: what each event makes of each state', () => {
  const allowed: Readonly<Record<TaskState, Partial<Record<TaskEvent['type'], TaskState>>>> = {
    waiting: { upstream_succeeded: 'waiting', upstream_failed: 'blocked', cancel: 'canceled' },
    ready: { claim: 'running', cancel: 'canceled' },
    running: { renew: 'running', succeed: 'succeeded', hit: 'cached', fail: 'failed', release: 'ready', lose: 'ready', cancel: 'canceled' },
    succeeded: {},
    cached: {},
    failed: { retry: 'ready' },
    blocked: { retry: 'ready' },
    canceled: { retry: 'ready' },
    paused: { cancel: 'canceled' },
    canceling: { cancel: 'canceled' },
    skipped: {},
  };
  for (const state of STATES) {
    for (const type of TYPES) assert.equal(nextTask(task(state), event(type, 1), 10)?.state, allowed[state][type], `${state} × ${type}`);
  }
});

test('a report with the fence of an older claim is refused', () => {
  for (const type of ['renew', 'succeed', 'hit', 'fail', 'release', 'lose'] as const)
    assert.equal(nextTask(task('running', { fence: 2 }), event(type, 1), 10), undefined, type);
});

test('a task is not claimed before its time', () => {
  assert.equal(nextTask(task('ready', { readyAt: 11 }), event('claim', 0), 10), undefined);
  const claimed = nextTask(task('ready', { attempt: 0, fence: 0, readyAt: 10 }), event('claim', 0), 10);
  assert.deepEqual([claimed?.attempt, claimed?.fence, claimed?.worker, claimed?.leaseUntil, claimed?.startedAt], [1, 1, 'w', 500, 10]);
});

test('retries: as many attempts more as declared, none when another is of no use', () => {
  const fail = (attempt: number, retryAt: number | null) =>
    nextTask(task('running', { attempt }), { type: 'fail', fence: 1, error: 'e', cacheKey: null, retries: 2, retryAt }, 10);
  assert.deepEqual(
    [fail(1, 40)?.state, fail(1, 40)?.readyAt, fail(2, 40)?.state, fail(3, 40)?.state, fail(1, null)?.state],
    ['ready', 40, 'ready', 'failed', 'failed'],
  );
});

test('lost attempts have their own limit and are not the retries of the step', () => {
  let now = task('ready', { attempt: 0, fence: 0 });
  for (let lost = 1; lost <= LOST_LIMIT + 1; lost++) {
    assert.equal(now.state, 'ready');
    const running = nextTask(now, { type: 'claim', worker: 'w', leaseUntil: 5 }, 10);
    assert.ok(running);
    assert.equal(failuresOf(running), 1);
    const next = nextTask(running, { type: 'lose', fence: lost }, 10);
    assert.ok(next);
    now = next;
  }
  assert.equal(now.state, 'failed');
  assert.match(now.error ?? '', /died 4 times/);
});

test('whatever happens: revisions and fences only grow, a final state is left by a retry only, a lease is held exactly while running', () => {
  const any = fc.record({ type: fc.constantFrom(...TYPES), stale: fc.boolean(), open: fc.nat({ max: 3 }), later: fc.nat({ max: 100 }) });
  fc.assert(
    fc.property(fc.nat({ max: 3 }), fc.array(any, { maxLength: 60 }), (open, steps) => {
      let now = 0;
      let current = task(open === 0 ? 'ready' : 'waiting', { openUpstreams: open, attempt: 0, fence: 0, revision: 0 });
      for (const { type, stale, open: openUpstreams, later } of steps) {
        now += later;
        const what = type === 'retry' ? ({ type, openUpstreams } as const) : event(type, stale ? current.fence - 1 : current.fence);
        const next = nextTask(current, what, now);
        if (next === undefined) continue;
        assert.equal(next.revision, current.revision + 1);
        assert.equal(next.fence, current.fence + (type === 'claim' ? 1 : 0));
        if (isFinal(current.state)) assert.equal(type, 'retry');
        if (hasResult(current.state)) assert.fail('a result was left');
        assert.equal(next.leaseUntil !== null, next.state === 'running');
        assert.equal(next.endedAt !== null, isFinal(next.state));
        assert.equal(next.state === 'waiting', next.openUpstreams > 0 && !isFinal(next.state));
        assert.ok(next.attempt >= 0 && next.lost <= LOST_LIMIT + next.attempt);
        current = next;
      }
    }),
  );
});
