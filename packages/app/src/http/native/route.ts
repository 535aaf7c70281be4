import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '@pawl/core';
import type { z } from 'zod';
import { namedActor } from '../actor.ts';
import { toProblem } from '../../schema/problem.ts';

type Shape = z.ZodObject | undefined;
type Parsed<S extends Shape> = S extends z.ZodObject ? z.infer<S> : undefined;

export interface RouteInput<Params extends Shape, Query extends Shape, Body extends z.ZodType | undefined> {
  readonly params: Parsed<Params>;
  readonly query: Parsed<Query>;
  readonly body: Body extends z.ZodType ? z.infer<Body> : undefined;
  /** Who asks, as `user:<name>`. */
  readonly actor: string;
}

/** One operation of the native API: what it takes, what it answers, and what the OpenAPI document and the client say of it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Under /api/v1, parameters as `:name`. */
  readonly path: string;
  /** `<noun>.<verb>`, the client's name for it. */
  readonly operation: string;
  readonly summary: string;
  readonly params: z.ZodObject | undefined;
  readonly query: z.ZodObject | undefined;
  readonly body: z.ZodType | undefined;
  readonly response: z.ZodType;
  readonly bodyLimit: number;
  readonly handle: (input: RouteInput<Shape, Shape, z.ZodType | undefined>) => Promise<unknown>;
}

const BODY_LIMIT = 8 * 1024 * 1024;

export function defineRoute<
  Params extends Shape = undefined,
  Query extends Shape = undefined,
  Body extends z.ZodType | undefined = undefined,
>(route: {
  readonly method: Route['method'];
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly response: z.ZodType;
  readonly bodyLimit?: number;
  readonly handle: (input: RouteInput<Params, Query, Body>) => Promise<unknown>;
}): Route {
  return {
    ...route,
    params: route.params,
    query: route.query,
    body: route.body,
    bodyLimit: route.bodyLimit ?? BODY_LIMIT,
    handle: route.handle as unknown as Route['handle'],
  };
}

/** Mounts routes in the scope of /api: parses at the edge once, and hands plain records inward. */
export function mountRoutes(server: FastifyInstance, routes: readonly Route[]): void {
  for (const route of routes) {
    server.route({
      method: route.method,
      url: `/v1${route.path}`,
      bodyLimit: route.bodyLimit,
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const input = {
          params: parse(route.params, request.params, 'path'),
          query: parse(route.query, request.query, 'query'),
          body: parse(route.body, request.body, 'body'),
          actor: namedActor(request) ?? 'user:anonymous',
        };
        return reply.send(await route.handle(input as RouteInput<Shape, Shape, z.ZodType | undefined>));
      },
    });
  }
}

/** For the routes that are not JSON on both sides: parses one part of a request as the others do. Throws `invalid_input`. */
export function parsePart<S extends z.ZodType>(schema: S, value: unknown, where: 'path' | 'query' | 'body'): z.infer<S> {
  return parse(schema, value, where) as z.infer<S>;
}

function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value ?? (where === 'body' ? undefined : {}));
  if (parsed.success) return parsed.data;
  throw fault('invalid_input', { where: `the request's ${where}`, problem: `${toProblem(parsed.error)}.` });
}
