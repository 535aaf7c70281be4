import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createClient } from './create.ts';
import { ApiError } from './error.ts';
import { items } from './pages.ts';
import { toUrl } from './request.ts';

async function withServer(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  act: (server: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString('utf8'))).on('end', () => answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a query leaves out what has no value, and repeats the name for a list', () => {
  assert.equal(
    toUrl('http://h/', '/runs', { a: 1, b: undefined, c: ['x', 'y z'], d: false }),
    'http://h/api/v1/runs?a=1&c=x&c=y+z&d=false',
  );
  assert.equal(toUrl('http://h', '/runs', undefined), 'http://h/api/v1/runs');
});

test('a call carries method, path, body and who asks', async () => {
  const seen: unknown[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    seen.push([request.method, request.url, request.headers['x-pawl-actor'], request.headers['content-type'], body]);
    response.end('{"created":true}');
  };
  await withServer(answer, async (server) => {
    const client = createClient({ server, actor: 'user:ann' });
    await client.dataset.add({ dataset: 'a/b', manifest: { entries: [] }, message: undefined });
    await client.dataset.list({ limit: 3 });
  });
  assert.deepEqual(seen, [
    ['POST', '/api/v1/datasets/a%2Fb/versions', 'user:ann', 'application/json', '{"manifest":{"entries":[]}}'],
    ['GET', '/api/v1/datasets?limit=3', 'user:ann', undefined, ''],
  ]);
});

test('a refusal keeps code, message, status and details', async () => {
  const answer = (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(404).end('{"error":{"code":"dataset_not_found","message":"There is none.","details":{"name":"x"}}}');
  };
  await withServer(answer, async (server) => {
    await assert.rejects(createClient({ server }).dataset.list(), (error) => {
      assert.ok(error instanceof ApiError);
      assert.deepEqual(
        [error.code, error.message, error.status, error.details],
        ['dataset_not_found', 'There is none.', 404, { name: 'x' }],
      );
      return true;
    });
  });
});

test('a route that the server does not have tells that it is of another version', async () => {
  const message = 'There is no GET /api/v1/datasets. GET /api/openapi.json lists the operations.';
  const answer = (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(404).end(JSON.stringify({ error: { code: 'not_found', message, details: {} } }));
  };
  await withServer(answer, async (server) => {
    await assert.rejects(createClient({ server }).dataset.list(), {
      code: 'server_too_old',
      message: /does not know GET \/api\/v1\/datasets: it is of another version than this command; upgrade it/,
    });
  });
});

test('what is no Pawl server, or none at all, is unreachable', async () => {
  let closed = '';
  await withServer(
    (_, response) => response.end('<html>'),
    async (server) => {
      closed = server;
      await assert.rejects(createClient({ server }).dataset.list(), { code: 'server_unreachable', message: /not as a Pawl server/ });
    },
  );
  await assert.rejects(createClient({ server: closed }).dataset.list(), { code: 'server_unreachable', message: /connection refused/ });
});

test('a silent server is given up on, and an abort is the caller’s own', async () => {
  await withServer(
    () => undefined,
    async (server) => {
      await assert.rejects(createClient({ server, timeoutMs: 30 }).dataset.list(), {
        code: 'server_unreachable',
        message: /no answer in time/,
      });
      const reason = new Error('enough');
      await assert.rejects(createClient({ server }).dataset.list({}, { signal: AbortSignal.abort(reason) }), reason);
    },
  );
});

test('items come from page after page', async () => {
  const asked: unknown[] = [];
  const page = async (cursor: { readonly after?: string }) => {
    asked.push(cursor.after);
    return cursor.after === undefined ? { items: [1, 2], next: 'c' } : { items: [3] };
  };
  assert.deepEqual(await collect(items(page)), [1, 2, 3]);
  assert.deepEqual(asked, [undefined, 'c']);
});

async function collect<Item>(source: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of source) all.push(item);
  return all;
}
