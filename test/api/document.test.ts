import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startStand } from './stand.ts';
import type { Body, Stand } from './stand.ts';

let stand: Stand;
let document: Body;

before(async () => {
  stand = await startStand();
  document = (await stand.server.inject({ url: '/api/openapi.json' })).json();
});
after(() => stand.close());

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: Body;
}

const operations = (): readonly Operation[] =>
  Object.entries<Body>(document.paths).flatMap(([path, item]) =>
    Object.entries<Body>(item).map(([method, operation]) => ({ path, method, operation })),
  );

/** Every member of that name anywhere under a value. */
function find(value: Body, name: string): readonly Body[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries<Body>(value).flatMap(([key, member]) => [...(key === name ? [member] : []), ...find(member, name)]);
}

test('the document is OpenAPI 3.1 whose references all point at something', () => {
  assert.equal(document.openapi, '3.1.0');
  assert.deepEqual(Object.keys(document.info).toSorted(), ['description', 'title', 'version']);
  const references = find(document.paths, '$ref').concat(find(document.components, '$ref')) as readonly string[];
  assert.ok(references.length > 50);
  for (const reference of new Set(references)) {
    const name = /^#\/components\/schemas\/([A-Za-z0-9_]+)$/.exec(reference)?.[1];
    assert.ok(name !== undefined && document.components.schemas[name] !== undefined, reference);
  }
  assert.deepEqual(find(document, '$defs'), []);
});

test('each operation has a name of its own, a summary, and answers with a schema', () => {
  const all = operations();
  assert.ok(all.length >= 50, String(all.length));
  const names = all.map(({ operation }) => operation.operationId as string);
  assert.equal(new Set(names).size, names.length);
  for (const { path, operation } of all) {
    assert.match(operation.operationId, /^[a-z]+\.[a-z_]+$/);
    assert.match(path, /^\/api\/v1\/[a-z]/);
    assert.match(operation.summary, /^[A-Z].*\.$/);
    assert.equal(operation.tags.length, 1);
    const schema = operation.responses['200'].content['application/json'].schema;
    assert.ok(schema.type === 'object' || schema.$ref !== undefined, operation.operationId);
    assert.equal(operation.responses.default.content['application/json'].schema.$ref, '#/components/schemas/Error');
  }
});

test('parameters of the path are those declared, and all are required', () => {
  for (const { path, operation } of operations()) {
    const parameters = (operation.parameters ?? []) as readonly Body[];
    const inPath = parameters.filter((one) => one.in === 'path');
    const named = Array.from(path.matchAll(/\{([^}]+)\}/g), (match) => match[1]);
    assert.deepEqual(new Set(inPath.map((one) => one.name)), new Set(named), path);
    assert.ok(inPath.every((one) => one.required === true));
    assert.equal(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size, parameters.length);
    for (const one of parameters) assert.ok(one.schema !== undefined, `${path} ${one.name}`);
  }
});

test('every list is paged', () => {
  let lists = 0;
  for (const { path, method, operation } of operations()) {
    const { properties } = operation.responses['200'].content['application/json'].schema as Body;
    if (properties?.items === undefined) continue;
    lists++;
    // A search may be too long for a query string: it is asked in a body.
    const search = path.endsWith('/search');
    assert.equal(method, search ? 'post' : 'get', path);
    assert.equal(properties.items.type, 'array');
    assert.equal(properties.next?.type, 'string', path);
    const query = search
      ? Object.keys(operation.requestBody.content['application/json'].schema.properties as object)
      : (operation.parameters as readonly Body[]).filter((one) => one.in === 'query').map((one) => one.name);
    assert.ok(query.includes('limit') && query.includes('after'), path);
  }
  assert.ok(lists >= 20, String(lists));
});

test('only writing operations take a body', () => {
  for (const { method, path, operation } of operations()) assert.ok(operation.requestBody === undefined || method !== 'get', path);
});

test("the schemas of a project's files are published", async () => {
  for (const noun of ['checks', 'features', 'pipelines', 'gates', 'rollouts', 'monitors']) {
    const schema = (await stand.server.inject({ url: `/api/schemas/${noun}.json` })).json<Body>();
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema');
    assert.equal(schema.type, 'object', noun);
    assert.ok(schema.properties.name !== undefined);
    for (const reference of find(schema, '$ref') as readonly string[])
      assert.ok(schema.$defs[reference.replace('#/$defs/', '')] !== undefined, reference);
  }
  assert.equal((await stand.server.inject({ url: '/api/schemas/nothing.json' })).statusCode, 404);
});
