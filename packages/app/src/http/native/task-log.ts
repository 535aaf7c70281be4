import type { FastifyInstance } from 'fastify';
import { fault, isFinal } from '@pawl/core';
import type { Log, TaskLogLine } from '@pawl/core';
import type { PipelineService } from '@pawl/engine';
import { z } from 'zod';
import { defineRoute, parsePart } from './route.ts';
import type { Route } from './route.ts';
import { nameSchema } from '../../schema/name.ts';
import { idSchema, pageOf, pageQuery, timeSchema, toTime } from './schema.ts';
import { pause } from './sse.ts';
import type { EventStream, EventStreams } from './sse.ts';

const lineSchema = z.object({
  attempt: z.number().int(),
  seq: z.number().int(),
  time: timeSchema,
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
});

function toLine({ attempt, seq, time, stream, text }: TaskLogLine): z.infer<typeof lineSchema> {
  return { attempt, seq, time: toTime(time), stream, text };
}

const indexSchema = z.coerce.number().int().min(0).optional().describe('Of a fan-out, the element.');
const oneTask = z.object({ run: idSchema, step: nameSchema });

export function taskLogRoutes({ pipelines }: { readonly pipelines: PipelineService }): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/pipeline-runs/:run/tasks/:step/logs',
      operation: 'pipeline.logs',
      summary: 'Lists what a step wrote, all its attempts, oldest first.',
      params: oneTask,
      query: pageQuery.extend({ index: indexSchema }),
      response: pageOf(lineSchema),
      handle: async ({ params, query }) => {
        const lines = await pipelines.logs(params.run, params.step, toSeq(query.after), query.limit + 1, query.index);
        const items = lines.slice(0, query.limit).map(toLine);
        const last = items.at(-1);
        return lines.length > items.length && last !== undefined ? { items, next: String(last.seq) } : { items };
      },
    }),
  ];
}

function toSeq(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^[0-9]{1,15}$/.test(cursor)) throw fault('invalid_cursor', { cursor });
  return Number(cursor);
}

const POLL_MS = 300;
const BATCH = 500;

/** A step's lines as they are written, as server-sent events whose id is the line's number; ends with an event `end` that tells the task's state. */
export function mountTaskLogStream(
  server: FastifyInstance,
  ports: { readonly pipelines: PipelineService; readonly log: Log; readonly streams: EventStreams },
): void {
  const { pipelines, log, streams } = ports;
  const query = z.object({ index: indexSchema, after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0) });
  server.get('/v1/pipeline-runs/:run/tasks/:step/logs/stream', { exposeHeadRoute: false }, async (request, reply) => {
    const { run, step } = parsePart(oneTask, request.params, 'path');
    const resumed = query.shape.after.safeParse(request.headers['last-event-id']);
    const { after, index } = parsePart(query, request.query, 'query');
    await pipelines.logs(run, step, 0, 1, index);
    const start = request.headers['last-event-id'] !== undefined && resumed.success ? resumed.data : after;
    streams.answer(
      reply,
      (stream) => follow(pipelines, stream, { run, step, index }, start),
      (error) => log.error({ err: error, run, step }, 'a stream of log lines broke off'),
    );
  });
}

async function follow(
  pipelines: PipelineService,
  stream: EventStream,
  { run, step, index }: { readonly run: string; readonly step: string; readonly index: number | undefined },
  after: number,
): Promise<void> {
  let position = after;
  while (!stream.signal.aborted) {
    // The state first: what a task wrote is stored before it ends.
    const { state } = await pipelines.task(run, step, index);
    const lines = await pipelines.logs(run, step, position, BATCH, index);
    for (const line of lines) await stream.send({ id: String(line.seq), data: toLine(line) });
    position = lines.at(-1)?.seq ?? position;
    if (lines.length === BATCH) continue;
    if (isFinal(state)) return stream.send({ event: 'end', data: { state } });
    await pause(stream.signal, POLL_MS);
  }
}
