import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mlflowRoutes } from '../../packages/app/src/http/mlflow/index.ts';
import { refusals, transfers } from '../../packages/app/src/http/mlflow/operations.ts';
import type { Operation } from '../../packages/app/src/http/mlflow/operations.ts';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;

before(async () => {
  stand = await startStand();
});
after(() => stand.close());

async function ask({ method, path }: Operation): Promise<readonly [number, string | undefined]> {
  const headers = { 'content-type': 'application/json' };
  const url = path.replaceAll(/\{[^}]*\}/g, 'x');
  const response = await stand.server.inject({ method: method as 'GET', url, headers, ...(method === 'GET' ? {} : { payload: '{}' }) });
  const isJson = String(response.headers['content-type']).startsWith('application/json');
  return [response.statusCode, isJson ? (response.json<Body>().error_code as string | undefined) : undefined];
}

test('every operation of the table is answered, under both roots', async () => {
  const routes = mlflowRoutes({ ...stand.services, ...stand.ports }).map(({ method, version, path }) => ({
    method,
    path: `/api/${version}/mlflow${path.replaceAll(/:[a-z_]+/g, '{x}')}`,
  }));
  assert.ok(routes.length > 60, `${routes.length}`);
  for (const operation of [...routes, ...transfers]) {
    for (const path of new Set([operation.path, operation.path.replace(/^\/api\//, '/ajax-api/')])) {
      const [status, code] = await ask({ ...operation, path });
      const told = `${operation.method} ${path}: ${status} ${code}`;
      assert.ok(status < 500 && status !== 405, told);
      assert.ok(status !== 404 || code === 'RESOURCE_DOES_NOT_EXIST', told);
    }
  }
  assert.deepEqual(stand.errors, []);
});

test('what is refused is 404 with the code on which clients go on', async () => {
  for (const operation of refusals.flatMap(({ operations }) => operations)) {
    const [status, code] = await ask(operation);
    const told = `${operation.method} ${operation.path}: ${status} ${code}`;
    // Some paths are an operation's with another method: then it is the method that is refused.
    assert.ok(status === 404 || status === 405, told);
    if (status === 404 && /^\/(ajax-)?api\//.test(operation.path)) assert.equal(code, 'ENDPOINT_NOT_FOUND', told);
  }
});

test('the document of the protocol says what the tables say', () => {
  const script = join(import.meta.dirname, '../../scripts/generate-protocol.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});
