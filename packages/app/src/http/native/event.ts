import type { FastifyInstance } from 'fastify';
import type { Event, EventFilter, EventReader, EventType, Log } from '@pawl/core';
import { z } from 'zod';
import { defineRoute, parsePart } from './route.ts';
import type { Route } from './route.ts';
import { jsonObjectSchema, pageOf, pageQuery, timeSchema, toPageRequest, toTime } from './schema.ts';
import { pause } from './sse.ts';
import type { EventStream, EventStreams } from './sse.ts';

const eventSchema = z
  .object({
    seq: z.number().int().describe('Grows by commit order.'),
    id: z.string(),
    type: z.string(),
    subject: z.string(),
    time: timeSchema,
    actor: z.string(),
    data: jsonObjectSchema,
  })
  .meta({ id: 'Event' });

function toEvent({ seq, id, type, subject, time, actor, data }: Event): z.infer<typeof eventSchema> {
  return { seq, id, type, subject, time: toTime(time), actor, data };
}

const seqSchema = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const filterQuery = z.object({
  types: z
    .string()
    .regex(/^[a-z]+\.[a-z_]+(,[a-z]+\.[a-z_]+)*$/, 'write types such as run.ended, separated by commas')
    .optional()
    .describe('Types, separated by commas.'),
  subject: z.string().min(1).max(1000).optional().describe('Exact, or a prefix that ends in "/".'),
});

function toFilter({ types, subject }: z.infer<typeof filterQuery>): EventFilter {
  return { ...(types === undefined ? {} : { types: types.split(',') as EventType[] }), ...(subject === undefined ? {} : { subject }) };
}

export function eventRoutes({ events }: { readonly events: EventReader }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/events',
      operation: 'event.list',
      summary: 'Lists what happened, oldest first.',
      query: pageQuery.extend({ ...filterQuery.shape, after_seq: seqSchema.optional().describe('Only events after this number.') }),
      response: pageOf(eventSchema),
      handle: async ({ query }) => {
        const filter = { ...toFilter(query), ...(query.after_seq === undefined ? {} : { afterSeq: query.after_seq }) };
        const page = await events.list(filter, toPageRequest(query));
        return { ...page, items: page.items.map(toEvent) };
      },
    }),
  ];
}

interface Happenings {
  readonly events: EventReader;
  /** Told after each commit that appended events. */
  readonly onEvents: (listener: () => void) => () => void;
}

/** Commits of other processes are not told by every engine: a stream looks by itself this often. */
const POLL_MS = 1000;
const BATCH = 200;

/** Events as they happen, as server-sent events whose id is the sequence number: a client that comes back goes on where it was. */
export function mountEventStream(server: FastifyInstance, ports: Happenings & { readonly log: Log; readonly streams: EventStreams }): void {
  const query = filterQuery.extend({ after: seqSchema.optional().describe('Starts after this number; only new events when absent.') });
  server.get('/v1/events/stream', { exposeHeadRoute: false }, async (request, reply) => {
    const asked = parsePart(query, request.query, 'query');
    const resumed = seqSchema.safeParse(request.headers['last-event-id']);
    const after = resumed.success ? resumed.data : (asked.after ?? (await latestSeq(ports.events)));
    ports.streams.answer(
      reply,
      (stream) => follow(ports, stream, toFilter(asked), after),
      (error) => ports.log.error({ err: error }, 'a stream of events broke off'),
    );
  });
}

async function follow({ events, onEvents }: Happenings, stream: EventStream, filter: EventFilter, after: number): Promise<void> {
  let position = after;
  let told = false;
  let wake = (): void => undefined;
  const unsubscribe = onEvents(() => {
    told = true;
    wake();
  });
  try {
    while (!stream.signal.aborted) {
      told = false;
      const newest = await latestSeq(events);
      const { items, next } = await events.list({ ...filter, afterSeq: position }, { limit: BATCH });
      for (const event of items) await stream.send({ id: String(event.seq), data: toEvent(event) });
      const last = items.at(-1)?.seq ?? position;
      // With no next page, everything up to `newest` was looked at, and what the filter left out is not looked at again.
      position = next === undefined ? Math.max(last, newest) : last;
      if (next === undefined && !told) await pause(stream.signal, POLL_MS, (resume) => (wake = resume));
    }
  } finally {
    unsubscribe();
  }
}

async function latestSeq(events: EventReader): Promise<number> {
  return (await events.latest({}))?.seq ?? 0;
}
