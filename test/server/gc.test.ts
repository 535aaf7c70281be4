import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { freshDatabase } from '../support/postgres.ts';
import { folderOf, serve } from './process.ts';

const FILES = 40;

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

async function survives(context: TestContext, wait: number, ...args: readonly string[]): Promise<void> {
  const home = folderOf(context);
  let server = await serve(context, home, ...args);
  const [goes, stays] = [await createRun(server.url), await createRun(server.url)];
  for (let index = 0; index < FILES; index++) await fetch(`${server.url}${fileOf(goes, index)}`, { method: 'PUT', body: content(index) });
  await ask(server.url, 'POST', '/api/2.0/mlflow/runs/delete', { run_id: goes });
  const collect = async (): Promise<void> => {
    const body = { older_than_ms: 0, grace_ms: 0, dry_run: false };
    await ask(server.url, 'POST', '/api/v1/gc', body);
  };
  let dead = false;
  const uploads = [0, 1].map((lane) => upload(server.url, stays, lane, () => dead));
  await pause(150);
  await collect();
  await pause(wait);
  server.signal('SIGKILL');
  dead = true;
  const acknowledged = (await Promise.all(uploads)).flat();
  await server.ended;
  server = await serve(context, home, ...args);
  assert.ok(acknowledged.length > 0, `${acknowledged.length} uploads`);
  for (const index of acknowledged) assert.equal(await (await ask(server.url, 'GET', fileOf(stays, index))).text(), content(index));
  // Of the run that was collected a file is whole or not there at all.
  for (let index = 0; index < FILES; index++) {
    const response = await fetch(`${server.url}${fileOf(goes, index)}`);
    const text = await response.text();
    assert.ok(response.status === 404 || text === content(index), `${response.status} ${text.slice(0, 200)}`);
  }
}

test('a collection that is killed with uploads under way loses nothing on SQLite', (context) => survives(context, 60));

test('a collection that is killed with uploads under way loses nothing on PostgreSQL', async (context) => {
  const database = await freshDatabase();
  context.after(() => database.drop());
  await survives(context, 30, '--database-url', database.url);
});
