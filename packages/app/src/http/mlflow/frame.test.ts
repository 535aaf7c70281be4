import { test } from 'node:test';
import assert from 'node:assert/strict';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { fault } from '@pawl/core';
import { createForeignIds } from './foreign-id.ts';
import { defineMlflowRoute, mountVersion } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import type { MlflowInput } from './input.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function serve(handle: (input: MlflowInput) => Promise<object | void>, route: Partial<MlflowRoute> = {}): FastifyInstance {
  const server = Fastify();
  const routes = [defineMlflowRoute({ operation: 'x', method: 'POST', version: '2.0', path: '/things/do', ...route, handle })];
  const foreignIds = createForeignIds({
    foreignIds: async () => new Map([[7, '383456789012345678']]),
    experimentOf: async (id) => (id === '383456789012345678' ? 7 : undefined),
  });
  mountVersion(server, '2.0', routes, { log: quiet, ids: { next: () => 'ref' }, foreignIds });
  return server;
}

const json = { 'content-type': 'application/json; charset=utf-8' };
const url = '/api/2.0/mlflow/things/do';

test('both roots answer; nothing is an empty object', async () => {
  const server = serve(async () => {});
  for (const path of [url, '/ajax-api/2.0/mlflow/things/do']) {
    const answer = await server.inject({ method: 'POST', url: path, headers: json });
    assert.deepEqual([answer.statusCode, answer.json(), answer.headers['content-type']], [200, {}, 'application/json; charset=utf-8']);
  }
});

test('a content type is asked of POST and PUT only', async () => {
  const server = serve(async () => {});
  const missing = await server.inject({ method: 'POST', url });
  assert.deepEqual(
    [missing.statusCode, missing.json()],
    [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'Bad Request. Content-Type header is missing.' }],
  );
  const other = await server.inject({ method: 'POST', url, headers: { 'content-type': 'text/plain' }, payload: '{}' });
  assert.equal(other.json().message, "Bad Request. Content-Type must be one of ['application/json'].");
  const withBody = await server.inject({ method: 'POST', url, payload: Buffer.from('{}'), headers: { 'content-length': '2' } });
  assert.equal(withBody.json().message, 'Bad Request. Content-Type header is missing.');
  const removal = serve(async (input) => ({ name: input.string('name') }), { method: 'DELETE' });
  const sent = await removal.inject({ method: 'DELETE', url, payload: Buffer.from('{"name":"é"}') });
  assert.deepEqual(sent.json(), { name: 'é' });
});

test('fields come from the query, the body and the path', async () => {
  const get = serve(async (input) => ({ ids: input.strings('run_ids'), id: input.string('id'), n: input.integer('n') }), {
    method: 'GET',
    path: '/things/:id',
  });
  const answer = await get.inject({ method: 'GET', url: '/api/2.0/mlflow/things/a%2Fb?run_ids=a&run_ids=b&n=7&id=query' });
  assert.deepEqual(answer.json(), { ids: ['a', 'b'], id: 'a/b', n: 7 });
});

test('unknown paths are 404 in JSON, wrong methods 405', async () => {
  const server = serve(async () => {});
  const unknown = await server.inject({ method: 'POST', url: '/api/2.0/mlflow/nothing', headers: json, payload: '{}' });
  assert.deepEqual([unknown.statusCode, unknown.json().error_code], [404, 'ENDPOINT_NOT_FOUND']);
  const wrong = await server.inject({ method: 'GET', url });
  assert.deepEqual(
    [wrong.statusCode, wrong.json()],
    [405, { error_code: 'BAD_REQUEST', message: '/api/2.0/mlflow/things/do takes POST, not GET.' }],
  );
});

test('faults speak MLflow; defects are told by reference, never by what they say', async () => {
  const answerTo = async (error: Error) => {
    const server = serve(async () => {
      throw error;
    });
    const answer = await server.inject({ method: 'POST', url, headers: json });
    return [answer.statusCode, answer.json()];
  };
  assert.deepEqual(await answerTo(fault('run_not_found', { id: 'abc' })), [
    404,
    { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Run with id=abc not found' },
  ]);
  assert.deepEqual(await answerTo(fault('invalid_input', { where: 'here', problem: 'it is odd.' })), [
    400,
    { error_code: 'INVALID_PARAMETER_VALUE', message: 'here: it is odd.' },
  ]);
  const told = { message: 'The server could not do this; its log has the details under ref.' };
  assert.deepEqual(await answerTo(new Error('SELECT secret')), [500, { error_code: 'INTERNAL_ERROR', ...told }]);
  assert.deepEqual(await answerTo(fault('database_unreachable', { reason: 'secret' })), [
    503,
    { error_code: 'TEMPORARILY_UNAVAILABLE', ...told },
  ]);
});

test('the actor is the user of basic authentication, else whom a Pawl client names', async () => {
  const server = serve(async (input) => ({ actor: input.actor }));
  const actorWith = async (headers: Record<string, string>) =>
    (await server.inject({ method: 'POST', url, headers: { ...json, ...headers } })).json().actor as string;
  assert.equal(await actorWith({ authorization: `Basic ${Buffer.from('ada:pw').toString('base64')}` }), 'user:ada');
  assert.equal(await actorWith({ 'x-pawl-actor': 'user:bo' }), 'user:bo');
  assert.equal(await actorWith({ authorization: `Basic ${Buffer.from('a b:pw').toString('base64')}` }), 'user:anonymous');
  assert.equal(await actorWith({}), 'user:anonymous');
});

test('numbers of experiments that are larger than ours are translated on their way in and out', async () => {
  const ids = createForeignIds({
    foreignIds: async () => new Map([[7, '383456789012345678']]),
    experimentOf: async (id) => (id === '383456789012345678' ? 7 : undefined),
  });
  const trace = (id: string): object => ({ trace_info: { trace_location: { mlflow_experiment: { experiment_id: id } } } });
  const fields = { experiment_ids: ['1', '383456789012345678', '999999999999999999'], trace: trace('383456789012345678'), other: 'x' };
  assert.deepEqual(await ids.inward(fields), { experiment_ids: ['1', '7'], trace: trace('7'), other: 'x' });
  const plain = { experiment_id: '7', tags: [{ key: 'experiment_id', value: '383456789012345678' }] };
  assert.deepEqual(await ids.inward(plain), plain);
  await assert.rejects(ids.inward({ experiment_id: '999999999999999999' }), /No Experiment with id=999999999999999999 exists/);
  const answer = { run: { experiment_id: '7', note: '"experiment_id":"7"' }, others: [{ experiment_id: '8' }, { experiment_id: '70' }] };
  assert.deepEqual(JSON.parse(await ids.outward(JSON.stringify(answer))), {
    ...answer,
    run: { ...answer.run, experiment_id: '383456789012345678' },
  });
});
