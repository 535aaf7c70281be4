import { z } from 'zod';
import type { Route } from './route.ts';

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document of the routes, generated from the schemas that parse the requests. */
export function toOpenApi(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  const schemas: Record<string, Json> = { Error: errorSchema() };
  for (const route of routes) {
    const path = `/api/v1${route.path.replace(/:([A-Za-z_]+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pawl',
      version: '1',
      description: 'The native API of Pawl. Every list is paged by a cursor: pass `next` of one answer as `after` of the next request.',
    },
    paths,
    components: { schemas },
  };
}

function toOperation(route: Route, schemas: Record<string, Json>): Json {
  const parameters = [...toParameters(route.params, 'path', schemas), ...toParameters(route.query, 'query', schemas)];
  return {
    operationId: route.operation,
    summary: route.summary,
    tags: [route.operation.split('.')[0] ?? ''],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: share(toSchema(route.body, 'input'), schemas) } } } }),
    responses: {
      '200': { description: 'Done.', content: { 'application/json': { schema: share(toSchema(route.response, 'output'), schemas) } } },
      default: {
        description: 'What was wrong, where, and what to do.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function toParameters(schema: z.ZodObject | undefined, where: 'path' | 'query', schemas: Record<string, Json>): Json[] {
  if (schema === undefined) return [];
  const { properties, required } = share(toSchema(schema, 'input'), schemas) as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || (required ?? []).includes(name),
    schema: property,
    ...(typeof property['description'] === 'string' ? { description: property['description'] } : {}),
  }));
}

export function toSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}

/** Moves a schema's definitions to the document's components: inside an operation a `#/$defs/…` would point at nothing. Throws RangeError on two schemas of one name. */
function share(schema: Json, schemas: Record<string, Json>): Json {
  const { $defs, ...rest } = schema as Json & { $defs?: Record<string, Json> };
  for (const [name, definition] of Object.entries($defs ?? {})) {
    const { id: _, ...shared } = repoint(definition) as Json;
    if (schemas[name] !== undefined && JSON.stringify(schemas[name]) !== JSON.stringify(shared))
      throw new RangeError(`two schemas are named ${name}`);
    schemas[name] = shared;
  }
  return repoint(rest) as Json;
}

function repoint(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(repoint);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      key === '$ref' && typeof member === 'string' ? member.replace('#/$defs/', '#/components/schemas/') : repoint(member),
    ]),
  );
}

function errorSchema(): Json {
  return {
    type: 'object',
    required: ['error'],
    properties: {
      error: {
        type: 'object',
        required: ['code', 'message', 'details'],
        properties: { code: { type: 'string' }, message: { type: 'string' }, details: { type: 'object' } },
      },
    },
  };
}
