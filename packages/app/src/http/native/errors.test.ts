import assert from 'node:assert/strict';
import { test } from 'node:test';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { fault } from '@pawl/core';
import type { Log } from '@pawl/core';
import { answerErrors, nativeServerOptions } from './errors.ts';

const REFERENCE = 'a'.repeat(32);

function createServer(): { readonly server: FastifyInstance; readonly logged: object[] } {
  const logged: object[] = [];
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: (fields) => void logged.push(fields) };
  const ports = { log, ids: { next: () => REFERENCE } };
  const server = Fastify({ logger: false, ...nativeServerOptions(ports) });
  answerErrors(server, ports);
  return { server, logged };
}

/** What a client is told of an error that a handler ends with, and what the log is. */
async function tell(error: Error): Promise<{ readonly status: number; readonly body: string; readonly logged: readonly object[] }> {
  const { server, logged } = createServer();
  server.get('/', async () => Promise.reject(error));
  const response = await server.inject({ url: '/' });
  return { status: response.statusCode, body: response.body, logged };
}

test('a defect is told by a reference alone, and logged with its cause', async () => {
  const defect = new TypeError('cannot read /etc/secret');
  const { status, body, logged } = await tell(defect);
  assert.equal(status, 500);
  assert.deepEqual(JSON.parse(body), {
    error: { code: 'internal', message: fault('internal', { reference: REFERENCE }).message, details: {} },
  });
  assert.equal((logged[0] as { readonly err: unknown }).err, defect);
});

test("the server's own places stay in its log", async () => {
  const places = [
    fault('not_writable', { path: '/home/pawl/blobs', reason: 'the disk is full' }),
    fault('file_unreadable', { path: '/home/pawl/blobs/x', reason: 'permission denied' }),
    fault('database_unreachable', { reason: '/home/pawl/pawl.db: database disk image is malformed' }),
  ];
  const statuses: number[] = [];
  for (const place of places) {
    const { status, body } = await tell(place);
    statuses.push(status);
    assert.doesNotMatch(body, /home/);
    assert.match(body, new RegExp(`"code":"${place.code}"`));
  }
  assert.deepEqual(statuses, [507, 400, 503]);
  assert.match((await tell(fault('file_unreadable', { path: 'mails/a.csv', reason: 'it is empty' }))).body, /mails\/a\.csv/);
});

test('what Fastify refuses before any route has the same shape', async () => {
  const { server } = createServer();
  server.get('/:name', async () => 'never');
  const response = await server.inject({ url: '/%zz' });
  assert.equal(response.statusCode, 400);
  const { error } = response.json<{ error: { code: string; details: object } }>();
  assert.equal(error.code, 'invalid_input');
});

test('a name of 250 characters in any script reaches its route', async () => {
  const { server } = createServer();
  server.get('/:name', async (request) => request.params);
  const name = '木'.repeat(250);
  const response = await server.inject({ url: `/${encodeURIComponent(name)}` });
  assert.deepEqual(response.json(), { name });
});

test('a body over the limit of its route is told with that limit', async () => {
  const { server } = createServer();
  server.post('/', { bodyLimit: 10 }, async () => 'never');
  const response = await server.inject({ method: 'POST', url: '/', payload: { text: 'x'.repeat(20) } });
  assert.equal(response.statusCode, 413);
  assert.deepEqual(response.json<{ error: { details: object } }>().error.details, { what: 'the request body', limit: 10 });
});
