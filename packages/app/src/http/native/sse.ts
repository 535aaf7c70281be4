import type { FastifyInstance, FastifyReply } from 'fastify';

const HEARTBEAT_MS = 15_000;

/** One answer of server-sent events (HTML Living Standard §9.2). */
export interface EventStream {
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal;
  /** Resolves once the client's side can take more. */
  send(message: { readonly id?: string; readonly event?: string; readonly data: unknown }): Promise<void>;
}

export interface EventStreams {
  /** Answers a request by what `work` sends, and ends the answer with it. The head goes out at once: what may be refused is to be checked before. */
  answer(reply: FastifyReply, work: (stream: EventStream) => Promise<void>, onError: (error: unknown) => void): void;
}

/** Open streams end when the server closes: else they would hold it up for ever. */
export function createEventStreams(server: FastifyInstance): EventStreams {
  const open = new Set<AbortController>();
  server.addHook('preClose', async () => {
    for (const controller of open) controller.abort();
  });
  return {
    answer(reply, work, onError) {
      const controller = new AbortController();
      const { raw } = reply.hijack();
      open.add(controller);
      raw.once('close', () => controller.abort());
      raw.on('error', () => controller.abort());
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      raw.write(':\n\n');
      const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT_MS);
      const { signal } = controller;
      const stream: EventStream = {
        signal,
        async send({ id, event, data }) {
          if (signal.aborted) return;
          const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`;
          if (raw.write(`${head}data: ${JSON.stringify(data)}\n\n`)) return;
          await untilAborted(signal, (resume) => raw.once('drain', resume));
        },
      };
      void work(stream)
        .catch(onError)
        .finally(() => {
          clearInterval(heartbeat);
          open.delete(controller);
          raw.end();
        });
    },
  };
}

/** Resolves when `start`'s callback is called, or at the abort. */
function untilAborted(signal: AbortSignal, start: (resume: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const resume = (): void => {
      signal.removeEventListener('abort', resume);
      resolve();
    };
    signal.addEventListener('abort', resume, { once: true });
    start(resume);
  });
}

/** Resolves after `ms`, at the abort, or when woken. */
export function pause(signal: AbortSignal, ms: number, onWaker?: (wake: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = untilAborted(signal, (resume) => {
    timer = setTimeout(resume, ms);
    onWaker?.(resume);
  });
  return waited.finally(() => clearTimeout(timer));
}
