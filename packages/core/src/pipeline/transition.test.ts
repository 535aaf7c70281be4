import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { newTask } from './new-task.ts';
import { failuresOf, isFinal, LOST_LIMIT, nextTask } from './transition.ts';
import type { TaskEvent } from './transition.ts';
import type { Task, TaskState } from './types.ts';

const STATES: readonly TaskState[] = [
  'waiting',
  'ready',
  'running',
  'paused',
  'canceling',
  'succeeded',
  'cached',
  'failed',
  'skipped',
  'blocked',
  'canceled',
];

function task(state: TaskState, more: Partial<Task> = {}): Task {
  const running = more.elements === undefined && (state === 'running' || state === 'canceling');
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

type Events = { readonly [Type in TaskEvent['type']]: TaskEvent & { readonly type: Type } };

function eventsOf(fence: number): Events {
  return {
    upstream_ended: { type: 'upstream_ended' },
    ready: { type: 'ready', pool: null },
    hold: { type: 'hold' },
    ask: { type: 'ask' },
    decide: { type: 'decide', approved: true, actor: 'user:ann', note: '' },
    expand: { type: 'expand', total: 3, skipped: 1 },
    elements_ended: { type: 'elements_ended', ended: 1, bad: 0, error: null },
    elements_retried: { type: 'elements_retried', open: 1 },
    take: { type: 'take', outputs: {}, cacheKey: null, elements: null },
    skip: { type: 'skip' },
    block: { type: 'block' },
    refuse: { type: 'refuse', error: 'no value' },
    claim: { type: 'claim', worker: 'w', leaseUntil: 500 },
    renew: { type: 'renew', fence, leaseUntil: 600 },
    succeed: { type: 'succeed', fence, cacheKey: null, outputs: {} },
    hit: { type: 'hit', fence, cacheKey: 'sha256:00', outputs: {} },
    fail: { type: 'fail', fence, error: 'broken', cacheKey: null, retries: 0, retryAt: 50 },
    release: { type: 'release', fence },
    lose: { type: 'lose', fence },
    cancel: { type: 'cancel' },
    retry: { type: 'retry', openUpstreams: 0 },
  };
}

const TYPES = Object.keys(eventsOf(0)) as readonly TaskEvent['type'][];

function event(type: TaskEvent['type'], fence: number): TaskEvent {
  return eventsOf(fence)[type];
}

type Table = Readonly<Record<TaskState, Partial<Record<TaskEvent['type'], TaskState>>>>;

/** The rows of the table that a run of tests compares every pair with: what is not there may not happen. */
function compare(table: Table, more: Partial<Task>): void {
  for (const state of STATES) {
    for (const type of TYPES)
      assert.equal(nextTask(task(state, more), event(type, 1), 10)?.state, table[state][type], `${state} × ${type}`);
  }
}

const stopped = { succeed: 'canceled', hit: 'canceled', fail: 'canceled', release: 'canceled', lose: 'canceled' } as const;

test('the whole table: what each event makes of each state of a task that a worker runs', () => {
  const ends = { retry: 'waiting' } as const;
  compare(
    {
      waiting: { upstream_ended: 'waiting', take: 'cached', skip: 'skipped', block: 'blocked', refuse: 'failed', cancel: 'canceled' },
      ready: { hold: 'waiting', claim: 'running', cancel: 'canceled' },
      running: {
        renew: 'running',
        succeed: 'succeeded',
        hit: 'cached',
        fail: 'failed',
        release: 'ready',
        lose: 'ready',
        cancel: 'canceling',
      },
      paused: { decide: 'succeeded', cancel: 'canceled' },
      canceling: { renew: 'canceling', ...stopped },
      succeeded: ends,
      cached: ends,
      failed: ends,
      skipped: ends,
      blocked: ends,
      canceled: ends,
    },
    {},
  );
});

test('the whole table: of a task that nothing holds back, it is decided what becomes of it', () => {
  const due = task('waiting', { openUpstreams: 0 });
  const found = Object.fromEntries(TYPES.flatMap((type) => nextTask(due, event(type, 1), 10)?.state ?? []).map((state, at) => [at, state]));
  assert.deepEqual(Object.values(found), ['ready', 'paused', 'running', 'cached', 'skipped', 'blocked', 'failed', 'canceled']);
});

test('the whole table: of a fan-out', () => {
  const count = { elements: { total: 3, open: 2, bad: 0 } };
  compare(
    {
      waiting: { upstream_ended: 'waiting', take: 'cached', skip: 'skipped', block: 'blocked', refuse: 'failed', cancel: 'canceled' },
      ready: { hold: 'waiting', claim: 'running', cancel: 'canceled' },
      running: { elements_ended: 'running', cancel: 'canceling' },
      paused: { decide: 'succeeded', cancel: 'canceled' },
      canceling: { elements_ended: 'canceling' },
      succeeded: {},
      cached: {},
      failed: { elements_retried: 'running', retry: 'waiting' },
      skipped: { retry: 'waiting' },
      blocked: { retry: 'waiting' },
      canceled: { elements_retried: 'running', retry: 'waiting' },
    },
    count,
  );
});

test('a fan-out ends with its last element, and says how many failed and why the first did', () => {
  const due = task('waiting', { openUpstreams: 0 });
  assert.equal(nextTask(due, { type: 'expand', total: 0, skipped: 0 }, 10)?.state, 'succeeded');
  assert.equal(nextTask(due, { type: 'expand', total: 2, skipped: 2 }, 10)?.state, 'succeeded');
  const running = nextTask(due, { type: 'expand', total: 4, skipped: 1 }, 10);
  const one = running && nextTask(running, { type: 'elements_ended', ended: 1, bad: 1, error: 'first' }, 11);
  const all = one && nextTask(one, { type: 'elements_ended', ended: 2, bad: 1, error: 'second' }, 12);
  assert.deepEqual(
    [one?.state, all?.state, all?.error, all?.endedAt],
    ['running', 'failed', '2 of 4 elements failed. The first: first', 12],
  );
  const canceling = one && nextTask(one, { type: 'cancel' }, 11);
  assert.equal(canceling && nextTask(canceling, { type: 'elements_ended', ended: 2, bad: 2, error: null }, 12)?.state, 'canceled');
});

test('a refusal says by whom and why', () => {
  const refused = nextTask(task('paused'), { type: 'decide', approved: false, actor: 'user:ann', note: 'too slow' }, 10);
  assert.deepEqual([refused?.state, refused?.worker, refused?.error], ['failed', 'user:ann', 'user:ann refused: too slow.']);
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

test('whatever happens: revisions and fences only grow, a final state is left by a retry only, a lease is held exactly while a worker has it', () => {
  const any = fc.record({ type: fc.constantFrom(...TYPES), stale: fc.boolean(), open: fc.nat({ max: 3 }), later: fc.nat({ max: 100 }) });
  fc.assert(
    fc.property(fc.nat({ max: 3 }), fc.array(any, { maxLength: 80 }), (openUpstreams, steps) => {
      let now = 0;
      let current = task('waiting', { openUpstreams, attempt: 0, fence: 0, revision: 0 });
      for (const { type, stale, open, later } of steps) {
        now += later;
        const what = type === 'retry' ? ({ type, openUpstreams: open } as const) : event(type, stale ? current.fence - 1 : current.fence);
        const next = nextTask(current, what, now);
        if (next === undefined) continue;
        assert.equal(next.revision, current.revision + 1);
        assert.equal(next.fence, current.fence + (type === 'claim' ? 1 : 0));
        if (isFinal(current.state)) assert.ok(type === 'retry' || type === 'elements_retried');
        assert.equal(
          next.leaseUntil !== null,
          next.elements === null && (next.state === 'running' || next.state === 'canceling'),
          next.state,
        );
        assert.equal(next.endedAt !== null, isFinal(next.state));
        if (next.state === 'ready' || next.state === 'running' || next.state === 'paused') assert.equal(next.openUpstreams, 0);
        if (next.elements !== null) assert.ok(next.elements.open >= 0 && next.elements.open + next.elements.bad <= next.elements.total);
        assert.ok(next.attempt >= 0 && next.lost <= LOST_LIMIT + next.attempt);
        current = next;
      }
    }),
  );
});

test('a task that becomes ready may begin at once, also when the clock was put back; one that failed waits out its pause', () => {
  const waiting = task('waiting', { openUpstreams: 0, readyAt: 5000, attempt: 0 });
  assert.equal(nextTask(waiting, { type: 'ready', pool: null }, 1000)?.readyAt, 1000);
  assert.equal(nextTask({ ...waiting, attempt: 1 }, { type: 'ready', pool: null }, 1000)?.readyAt, 5000);
});
