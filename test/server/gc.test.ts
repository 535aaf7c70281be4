import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import pg from 'pg';
import { freshDatabase } from '../support/postgres.ts';
import { folderOf, serve, until } from './process.ts';

const FILES = 12;

/** Content that several share: a file of the run that goes is, byte for byte, one that is uploaded meanwhile. */
const content = (index: number): string => `content ${index % FILES} ${'x'.repeat(2000)}`;

async function ask(url: string, method: string, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response;
}

const createRun = async (url: string): Promise<string> => {
  const { run } = (await (await ask(url, 'POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' })).json()) as {
    run: { info: { run_id: string } };
  };
  return run.info.run_id;
};

const fileOf = (run: string, index: number): string => `/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/f${index}`;

/** Uploads until it is told to end or the server is gone; gives what was acknowledged. */
async function upload(url: string, run: string, from: number, ended: () => boolean): Promise<readonly number[]> {
  const acknowledged: number[] = [];
  for (let index = from; !ended(); index += 2) {
    try {
      const response = await fetch(`${url}${fileOf(run, index)}`, { method: 'PUT', body: content(index) });
      if (response.ok) acknowledged.push(index);
      else assert.fail(`upload ${index}: ${response.status} ${await response.text()}`);
    } catch (error) {
      if (ended() || error instanceof TypeError) break;
      throw error;
    }
  }
  return acknowledged;
}

const each = <T>(count: number, act: (index: number) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)));

interface Case {
  readonly args?: readonly string[];
  /** How long the collection has before the kill, in ms. */
  readonly wait: number;
  /** Ends the lease of the killed one, as a minute would. */
  expire(home: string): Promise<void> | void;
}

async function survives(context: TestContext, { args: more = [], wait, expire }: Case): Promise<void> {
  const home = folderOf(context);
  // What runs in the background is no part of it.
  const args = ['--roles', 'api', ...more];
  let server = await serve(context, home, ...args);
  const [goes, stays] = [await createRun(server.url), await createRun(server.url)];
  await each(FILES, (index) => fetch(`${server.url}${fileOf(goes, index)}`, { method: 'PUT', body: content(index) }));
  await ask(server.url, 'POST', '/api/2.0/mlflow/runs/delete', { run_id: goes });
  const collect = async (): Promise<string> => {
    const body = { older_than_ms: 0, grace_ms: 0, dry_run: false };
    const started = await ask(server.url, 'POST', '/api/v1/gc', body);
    return ((await started.json()) as { id: string }).id;
  };
  let dead = false;
  const uploads = [0, 1].map((lane) => upload(server.url, stays, lane, () => dead));
  await pause(100);
  await collect();
  await pause(wait);
  server.signal('SIGKILL');
  dead = true;
  const acknowledged = (await Promise.all(uploads)).flat();
  await server.ended;
  await expire(home);
  server = await serve(context, home, ...args);
  assert.ok(acknowledged.length > 0, `${acknowledged.length} uploads`);
  const check = async (gone: boolean): Promise<void> => {
    await each(acknowledged.length, async (at) => {
      const index = acknowledged[at] as number;
      assert.equal(await (await ask(server.url, 'GET', fileOf(stays, index))).text(), content(index));
    });
    await each(FILES, async (index) => {
      const response = await fetch(`${server.url}${fileOf(goes, index)}`);
      const text = await response.text();
      assert.ok(response.status === 404 || (!gone && text === content(index)), `${response.status} ${text.slice(0, 200)}`);
    });
  };
  // Of the run that was being collected a file is whole or not there at all; what the killed one left, the next one removes.
  await check(false);
  const id = await collect();
  const ended = await until(async () => {
    const run = (await (await ask(server.url, 'GET', `/api/v1/gc/${id}`)).json()) as { state: string; problem: string };
    return run.state === 'running' ? undefined : run;
  });
  assert.deepEqual([ended.state, ended.problem], ['done', '']);
  await check(true);
}

test(
  'a collection that is killed with uploads under way loses nothing, and the next one ends its work',
  { concurrency: true },
  async (t) => {
    const expired = 'update lease set until = 0';
    await Promise.all([
      t.test('on SQLite', (context) =>
        survives(context, {
          wait: 60,
          expire(home) {
            const database = new DatabaseSync(join(home, 'pawl.db'));
            database.exec(expired);
            database.close();
          },
        }),
      ),
      t.test('on PostgreSQL', async (context) => {
        const database = await freshDatabase();
        context.after(() => database.drop());
        await survives(context, {
          args: ['--database-url', database.url],
          wait: 30,
          async expire() {
            const client = new pg.Client({ connectionString: database.url });
            await client.connect();
            await client.query(expired);
            await client.end();
          },
        });
      }),
    ]);
  },
);
