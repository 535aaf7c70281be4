import type { FastifyInstance } from 'fastify';
import type { Log } from '@pawl/core';
import type { RecordingService, RunLogLine } from '@pawl/engine';
import { z } from 'zod';
import { nameSchema } from '../../schema/name.ts';
import { defineRoute, parsePart } from './route.ts';
import type { Route } from './route.ts';
import { idSchema, pageQuery, timeSchema, toTime } from './schema.ts';
import { pause } from './sse.ts';
import type { EventStream, EventStreams } from './sse.ts';

const lineSchema = z.object({
  source: z.string().describe("Empty for the run's own command, else the pipeline step that wrote it."),
  seq: z.number().int().describe('Of its source; where numbers jump, lines were not kept.'),
  time: timeSchema,
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
});

function toLine({ source, seq, time, stream, text }: RunLogLine): z.infer<typeof lineSchema> {
  return { source, seq, time: toTime(time), stream, text };
}

const oneRun = z.object({ run: idSchema });
const sourceQuery = nameSchema.optional().describe('Only what this step wrote.');

type Source = { readonly source?: string };
const toSource = (source: string | undefined): Source => (source === undefined ? {} : { source });

export function runLogRoutes({ recordings }: { readonly recordings: RecordingService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/runs/:run/logs',
      operation: 'run.logs',
      summary: 'Lists what a run wrote, oldest first: the console log of its command, and those of its steps, by time.',
      params: oneRun,
      query: pageQuery.extend({
        source: sourceQuery,
        tail: z.coerce.number().int().min(1).max(10_000).optional().describe('The last so many lines instead of the first.'),
      }),
      response: z.object({
        items: z.array(lineSchema),
        next: z.string().optional().describe('Absent when nothing more is there by now.'),
        position: z.string().describe('Where these lines end: `after` of a later read, or of the stream.'),
      }),
      handle: async ({ params, query: { limit, after, source, tail } }) => {
        const page =
          tail === undefined
            ? await recordings.logs(params.run, { limit, ...toSource(source), ...(after === undefined ? {} : { after }) })
            : await recordings.tail(params.run, { limit: tail, ...toSource(source) });
        const { lines, position, more } = page;
        return { items: lines.map(toLine), position, ...(more ? { next: position } : {}) };
      },
    }),
  ];
}

const POLL_MS = 300;
const BATCH = 500;

/** A run's lines as they are written, as server-sent events whose id is the position after them; ends with an event `end` once none will follow. */
export function mountRunLogStream(
  server: FastifyInstance,
  ports: { readonly recordings: RecordingService; readonly log: Log; readonly streams: EventStreams },
): void {
  const { recordings, log, streams } = ports;
  const query = z.object({ after: z.string().max(4000).optional(), source: sourceQuery });
  server.get('/v1/runs/:run/logs/stream', { exposeHeadRoute: false }, async (request, reply) => {
    const { run } = parsePart(oneRun, request.params, 'path');
    const { after, source } = parsePart(query, request.query, 'query');
    const resumed = request.headers['last-event-id'];
    const start = typeof resumed === 'string' && resumed !== '' ? resumed : after;
    // What may be refused is refused now.
    await recordings.logs(run, { limit: 1, ...toSource(source), ...(start === undefined ? {} : { after: start }) });
    streams.answer(
      reply,
      (stream) => follow(recordings, stream, run, toSource(source), start),
      (error) => log.error({ err: error, run }, 'a stream of log lines broke off'),
    );
  });
}

async function follow(
  recordings: RecordingService,
  stream: EventStream,
  run: string,
  source: Source,
  start: string | undefined,
): Promise<void> {
  let after = start;
  while (!stream.signal.aborted) {
    // First whether it is over: what was written is stored before that.
    const over = await recordings.isOver(run);
    const { lines, position, more } = await recordings.logs(run, { limit: BATCH, ...source, ...(after === undefined ? {} : { after }) });
    after = position;
    for (const [at, line] of lines.entries())
      await stream.send({ ...(at === lines.length - 1 ? { id: position } : {}), data: toLine(line) });
    if (more) continue;
    if (over) return stream.send({ event: 'end', data: {} });
    await pause(stream.signal, POLL_MS);
  }
}
