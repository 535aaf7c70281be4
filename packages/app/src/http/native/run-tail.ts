import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { fault } from '@pawl/core';
import type { FollowPosition, Log } from '@pawl/core';
import type { FollowMessage, FollowService, RunFollower } from '@pawl/engine';
import { z } from 'zod';
import { toMetric, toRun } from './experiment.ts';
import { parsePart } from './route.ts';
import { idSchema, toTime } from './schema.ts';
import { pause } from './sse.ts';
import type { EventStream, EventStreams } from './sse.ts';

const POLL_MS = 400;
/** A header may hold no more; a run with so many metrics that its position is longer is told anew from its state. */
const MOST_ID = 8000;
const MOST_POSITION = 1024 * 1024;

interface TailPorts {
  readonly follows: FollowService;
  readonly log: Log;
  readonly streams: EventStreams;
}

/**
 * A run as it goes, as server-sent events: `state` first, then `metrics`, `params`, `tags`, `status`, and `end` when it is over. The id of a message is the position
 * itself: any server goes on from it. A slow reader is read for more slowly; nothing is kept for it.
 */
export function mountRunTail(server: FastifyInstance, { follows, log, streams }: TailPorts): void {
  const query = z.object({ after: z.string().max(MOST_ID).optional() });
  server.get('/v1/runs/:run/stream', { exposeHeadRoute: false }, async (request, reply) => {
    const { run } = parsePart(z.object({ run: idSchema }), request.params, 'path');
    const { after } = parsePart(query, request.query, 'query');
    const resumed = request.headers['last-event-id'];
    const id = typeof resumed === 'string' && resumed !== '' ? resumed : after;
    const follower = await follows.follow(run, id === undefined ? undefined : fromId(id));
    streams.answer(
      reply,
      (stream) => follow(stream, follower),
      (error) => log.error({ err: error, run }, 'a stream of a run broke off'),
    );
  });
}

async function follow(stream: EventStream, follower: RunFollower): Promise<void> {
  while (!stream.signal.aborted) {
    const { messages, position, more, ended } = await follower.next();
    const id = messages.length === 0 ? undefined : toId(position);
    for (const [at, message] of messages.entries()) {
      const event = toEvent(message);
      // The position is that after all of them.
      await stream.send(id !== undefined && at === messages.length - 1 ? { id, ...event } : event);
    }
    if (ended) return stream.send({ event: 'end', data: { status: position.status, lifecycle: position.lifecycle } });
    if (!more) await pause(stream.signal, POLL_MS);
  }
}

function toEvent(message: FollowMessage): { readonly event: string; readonly data: unknown } {
  switch (message.kind) {
    case 'state': {
      const { run, latest } = message.snapshot;
      return { event: 'state', data: { run: toRun(run), metrics: latest.map(toMetric) } };
    }
    case 'metrics':
      return { event: 'metrics', data: { points: message.points.map(toMetric) } };
    case 'params':
      return { event: 'params', data: { params: message.params } };
    case 'tags':
      return { event: 'tags', data: { tags: message.tags } };
    default: {
      const { name, status, lifecycle, endedAt } = message.run;
      return { event: 'status', data: { name, status, lifecycle, ended_at: toTime(endedAt) } };
    }
  }
}

const positionSchema = z.object({
  status: z.string(),
  name: z.string(),
  lifecycle: z.string(),
  params: z.number().int(),
  tags: z.string(),
  metrics: z.record(z.string(), z.tuple([z.number().int(), z.number().int()])),
});

/** Undefined where it would be too long: a client that lost its way then starts from the state. */
function toId(position: FollowPosition): string | undefined {
  const id = deflateRawSync(JSON.stringify(position)).toString('base64url');
  return id.length > MOST_ID ? undefined : id;
}

/** Throws `invalid_cursor`. */
function fromId(id: string): FollowPosition {
  try {
    return positionSchema.parse(JSON.parse(inflateRawSync(Buffer.from(id, 'base64url'), { maxOutputLength: MOST_POSITION }).toString()));
  } catch (error) {
    throw fault('invalid_cursor', { cursor: id.slice(0, 100) }, error);
  }
}
