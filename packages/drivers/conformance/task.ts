import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTask, PRIORITY_HEAD_START_MS } from '@pawl/core';
import type { Database, Digest, Task, TaskLogLine } from '@pawl/core';
import { withDatabase } from './harness.ts';
import type { Open } from './harness.ts';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

function task(id: string, change: Partial<Task> = {}): Task {
  return newTask({ id, run: 'run', step: id, state: 'ready', readyAt: 1000, revision: 1, ...change });
}

function line(seq: number, change: Partial<TaskLogLine> = {}): TaskLogLine {
  return { task: 't', attempt: 1, seq, time: 5000 + seq, stream: 'stdout', text: `line ${seq}`, ...change };
}

export function testTaskStore(open: Open): void {
  test('tasks are inserted once and read by id and by run', () =>
    withDatabase(open, async (database) => {
      const full = task('a', {
        state: 'succeeded',
        attempt: 2,
        lost: 1,
        worker: 'w',
        leaseUntil: 3000,
        fence: 3,
        cacheKey: digest('a'),
        outputs: { model: { manifest: digest('b'), dataset: { dataset: 'mail', version: 2 } } },
        error: 'no\u0000text',
        startedAt: 1500,
        endedAt: 1700,
      });
      const other = task('other', { run: 'other' });
      await database.transaction((tx) => tx.tasks.insert([task('b', { state: 'waiting', openUpstreams: 2 }), full, other]));
      await database.transaction((tx) => tx.tasks.insert([task('c'), task('b', { state: 'failed' }), task('c', { attempt: 9 })]));
      await database.transaction((tx) => tx.tasks.insert([]));
      const stored = [{ ...full, error: 'no\uFFFDtext' }, task('b', { state: 'waiting', openUpstreams: 2 }), task('c')];
      assert.deepStrictEqual(await database.read.tasks.byRun('run'), stored);
      assert.deepStrictEqual(await database.read.tasks.get('a'), stored[0]);
      assert.equal(await database.read.tasks.get('absent'), undefined);
      assert.deepStrictEqual(await database.read.tasks.byRun('absent'), []);
    }));

  test('more tasks than one statement holds are inserted whole', () =>
    withDatabase(open, async (database) => {
      const tasks = Array.from({ length: 4000 }, (_, at) => task(`t${at}`, { run: `run ${at % 2}` }));
      await database.transaction((tx) => tx.tasks.insert(tasks));
      assert.deepEqual(await database.read.tasks.tally('run 0'), { ready: 2000 });
      assert.equal((await database.read.tasks.byRun('run 1')).length, 2000);
    }));

  test('a claim takes the oldest task that is ready by now, and only such', () =>
    withDatabase(open, async (database) => {
      await database.transaction((tx) =>
        tx.tasks.insert([
          task('late', { readyAt: 2001 }),
          task('newer', { readyAt: 1500, attempt: 4, fence: 7, revision: 3 }),
          task('oldest', { readyAt: 1400 }),
          task('waiting', { readyAt: 0, state: 'waiting', openUpstreams: 1 }),
          task('done', { readyAt: 0, state: 'succeeded' }),
        ]),
      );
      const claim = (now: number): Promise<Task | undefined> => database.transaction((tx) => tx.tasks.claim('w1', now, now + 30_000));
      const held = { state: 'running', worker: 'w1', leaseUntil: 32_000, startedAt: 2000 } as const;
      assert.deepStrictEqual(await claim(2000), task('oldest', { ...held, readyAt: 1400, attempt: 1, fence: 1, revision: 2 }));
      const newer = task('newer', { ...held, readyAt: 1500, attempt: 5, fence: 8, revision: 4 });
      assert.deepStrictEqual(await claim(2000), newer);
      assert.deepStrictEqual(await database.read.tasks.get('newer'), newer);
      assert.equal(await claim(2000), undefined);
      assert.equal((await claim(2001))?.id, 'late');
    }));

  test('a claim that is rolled back leaves the task ready', () =>
    withDatabase(open, async (database) => {
      await database.transaction((tx) => tx.tasks.insert([task('t')]));
      const broken = database.transaction(async (tx) => {
        assert.equal((await tx.tasks.claim('w1', 2000, 3000))?.id, 't');
        throw new Error('rolled back');
      });
      await assert.rejects(broken, /rolled back/);
      assert.deepStrictEqual(await database.read.tasks.get('t'), task('t'));
      assert.equal((await database.transaction((tx) => tx.tasks.claim('w2', 2000, 3000)))?.fence, 1);
    }));

  test('eight workers on two handles claim 200 tasks: each task once', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const tasks = Array.from({ length: 200 }, (_, at) => task(`t${at}`, { readyAt: 1000 + (at % 10) }));
      await database.transaction((tx) => tx.tasks.insert(tasks));
      const work = async (worker: number): Promise<readonly Task[]> => {
        const claimed: Task[] = [];
        const handle = handles[worker % 2] as Database;
        // One more than there are, so that a store which gives tasks twice fails and does not run for ever.
        while (claimed.length <= tasks.length) {
          const next = await handle.transaction((tx) => tx.tasks.claim(`w${worker}`, 2000, 3000));
          if (next === undefined) break;
          claimed.push(next);
        }
        return claimed;
      };
      const claimed = (await Promise.all(Array.from({ length: 8 }, (_, worker) => work(worker)))).flat();
      assert.equal(claimed.length, 200);
      assert.equal(new Set(claimed.map((one) => one.id)).size, 200);
      assert.ok(claimed.every((one) => one.attempt === 1 && one.fence === 1 && one.revision === 2));
      for (const one of await database.read.tasks.byRun('run')) {
        assert.deepStrictEqual(
          one,
          claimed.find((claim) => claim.id === one.id),
        );
      }
    }));

  test('an update with an old revision loses, also when two come at once', () =>
    withDatabase(open, async (database, { another }) => {
      const other = await another();
      await database.transaction((tx) => tx.tasks.insert([task('t')]));
      const claimed = (await database.transaction((tx) => tx.tasks.claim('w', 2000, 3000))) as Task;
      assert.equal(await database.transaction((tx) => tx.tasks.update({ ...claimed, state: 'failed' }, 1)), false);
      const ends: readonly Task[] = [
        { ...claimed, state: 'succeeded', worker: null, leaseUntil: null, endedAt: 2500, revision: 3 },
        { ...claimed, state: 'canceled', worker: null, leaseUntil: null, endedAt: 2500, revision: 3 },
      ];
      const won = await Promise.all(
        [database, other].map((handle, at) => handle.transaction((tx) => tx.tasks.update(ends[at] as Task, claimed.revision))),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.deepStrictEqual(await database.read.tasks.get('t'), ends[won.indexOf(true)]);
      assert.equal(await database.transaction((tx) => tx.tasks.update(task('absent'), 1)), false);
    }));

  test('expired are the running tasks whose lease ended, longest ago first', () =>
    withDatabase(open, async (database) => {
      const running = (id: string, leaseUntil: number): Task => task(id, { state: 'running', worker: 'w', leaseUntil });
      const done = task('done', { state: 'succeeded', leaseUntil: 100 });
      const tasks = [running('b', 200), running('a', 300), running('c', 400), running('d', 399), done];
      await database.transaction((tx) => tx.tasks.insert(tasks));
      const ids = async (now: number, limit: number): Promise<readonly string[]> =>
        (await database.read.tasks.leased({ endedBefore: now }, limit)).map((one) => one.id);
      assert.deepEqual(await ids(400, 10), ['b', 'a', 'd']);
      assert.deepEqual(await ids(400, 2), ['b', 'a']);
      assert.deepEqual(await ids(200, 10), []);
    }));

  test('cached gives the newest success under a key, and nothing that failed or was itself taken from the cache', () =>
    withDatabase(open, async (database) => {
      const key = digest('c');
      const outputs = (letter: string): Task['outputs'] => ({ out: { manifest: digest(letter), dataset: null } });
      await database.transaction((tx) =>
        tx.tasks.insert([
          task('old', { state: 'succeeded', cacheKey: key, endedAt: 1000, outputs: outputs('1') }),
          task('new', { state: 'succeeded', cacheKey: key, endedAt: 2000, outputs: outputs('2') }),
          task('cached', { state: 'cached', cacheKey: key, endedAt: 3000, outputs: outputs('3') }),
          task('failed', { state: 'failed', cacheKey: key, endedAt: 4000 }),
          task('running', { state: 'running', cacheKey: digest('d') }),
          task('keyless', { state: 'succeeded', endedAt: 9000 }),
        ]),
      );
      assert.deepStrictEqual(await database.read.tasks.cached(key), { task: 'new', endedAt: 2000, outputs: outputs('2') });
      assert.equal(await database.read.tasks.cached(digest('d')), undefined);
    }));

  test('tasks of a run are counted by state, and told open until all are final', () =>
    withDatabase(open, async (database) => {
      const { tasks } = database.read;
      const ended = task('e', { run: 'ended', state: 'skipped' });
      await database.transaction((tx) =>
        tx.tasks.insert([task('a'), task('b', { state: 'canceling' }), task('c', { state: 'blocked' }), ended]),
      );
      assert.deepEqual(await tasks.tally('run'), { ready: 1, canceling: 1, blocked: 1 });
      assert.deepEqual(await Promise.all(['run', 'ended', 'absent'].map((run) => tasks.hasOpen(run))), [true, false, false]);
      assert.deepEqual(await tasks.tally('absent'), {});
    }));

  test('elements of a fan-out come by index, in pages, and are no steps of the run', () =>
    withDatabase(open, async (database) => {
      const element = (index: number, change: Partial<Task> = {}): Task =>
        task(`e${index}`, { step: 's', index, item: { part: index, of: [true, null] }, state: 'waiting', openUpstreams: 1, ...change });
      const fanOut = task('s', { state: 'running', elements: { total: 12, open: 11, bad: 1 } });
      const elements = Array.from({ length: 12 }, (_, index) => element(index, index === 3 ? { state: 'failed' } : {}));
      await database.transaction((tx) => tx.tasks.insert([fanOut, ...elements.toReversed(), task('other')]));
      const { tasks } = database.read;
      assert.deepStrictEqual(
        (await tasks.byRun('run')).map((one) => one.id),
        ['other', 's'],
      );
      assert.deepStrictEqual(await tasks.get('s'), fanOut);
      assert.deepStrictEqual(await tasks.elements('run', 's', { after: -1, limit: 5 }), elements.slice(0, 5));
      assert.deepStrictEqual(await tasks.elements('run', 's', { after: 9, limit: 5 }), elements.slice(10));
      const waiting = await tasks.elements('run', 's', { after: 1, limit: 2, state: 'waiting' });
      assert.deepStrictEqual(waiting, [elements[2], elements[4]]);
    }));

  test('a task of higher priority is claimed earlier, but one that waited longer than its head start is first', () =>
    withDatabase(open, async (database) => {
      const at = 10 * PRIORITY_HEAD_START_MS;
      await database.transaction((tx) =>
        tx.tasks.insert([
          task('new', { readyAt: at }),
          task('urgent', { readyAt: at, priority: 9 }),
          task('late', { readyAt: at + 1, priority: 9 }),
          task('old', { readyAt: at - 2 * PRIORITY_HEAD_START_MS - 1 }),
          task('middle', { readyAt: at, priority: 2 }),
        ]),
      );
      const order: (string | undefined)[] = [];
      for (let left = 5; left > 0; left--) order.push((await database.transaction((tx) => tx.tasks.claim('w', at + 1, at + 1000)))?.id);
      assert.deepEqual(order, ['urgent', 'late', 'old', 'middle', 'new']);
    }));

  test('a pool has only so many tasks at once, however many workers claim', () =>
    withDatabase(open, async (database, { another }) => {
      const handles = [database, await another()];
      const pool = { name: 'gpu', slots: 2 };
      const pooled = Array.from({ length: 6 }, (_, at) => task(`g${at}`, { pool }));
      await database.transaction((tx) => tx.tasks.insert([...pooled, task('free', { readyAt: 1001 })]));
      const claim = (at: number): Promise<Task | undefined> =>
        (handles[at % 2] as Database).transaction((tx) => tx.tasks.claim(`w${at}`, 2000, 3000));
      const taken = (await Promise.all(Array.from({ length: 5 }, (_, at) => claim(at)))).flatMap((one) => one ?? []);
      // On PostgreSQL a claim that met another's row may go away empty-handed, and comes again.
      for (let more = await claim(0); more !== undefined; more = await claim(0)) taken.push(more);
      assert.deepEqual(taken.map((one) => one.pool?.name ?? one.id).toSorted(), ['free', 'gpu', 'gpu']);
      const [first] = taken.filter((one) => one.pool !== null);
      assert.ok(first);
      const ended: Task = { ...first, state: 'succeeded', leaseUntil: null, endedAt: 2500, revision: first.revision + 1 };
      await database.transaction((tx) => tx.tasks.update(ended, first.revision));
      assert.deepEqual((await claim(1))?.pool, pool);
      assert.equal(await claim(1), undefined);
    }));

  test('log lines are kept in order of seq, once each, whatever a program prints', () =>
    withDatabase(open, async (database) => {
      const { tasks } = database.read;
      await database.transaction((tx) =>
        tx.tasks.appendLogs([line(2, { stream: 'stderr' }), line(1), line(1, { task: 'u' }), line(3, { text: 'a\u0000b\ud800c' })]),
      );
      await database.transaction((tx) => tx.tasks.appendLogs([line(2, { text: 'again' }), line(4, { attempt: 2 })]));
      await database.transaction((tx) => tx.tasks.appendLogs([]));
      const stored = [line(1), line(2, { stream: 'stderr' }), line(3, { text: 'a\uFFFDb\uFFFDc' }), line(4, { attempt: 2 })];
      assert.deepStrictEqual(await tasks.logs('t', 0, 10), stored);
      assert.deepStrictEqual(await tasks.logs('t', 1, 2), stored.slice(1, 3));
      assert.deepStrictEqual(await tasks.logs('t', 4, 10), []);
      const many = Array.from({ length: 12_000 }, (_, at) => line(at + 1, { task: 'long' }));
      await database.transaction((tx) => tx.tasks.appendLogs(many));
      assert.deepStrictEqual(await tasks.logs('long', 11_998, 10), many.slice(-2));
    }));
}
