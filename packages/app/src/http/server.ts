import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { fault } from '@pawl/core';
import type { Ids, Log } from '@pawl/core';
import type { InferenceHandler } from '@pawl/serving';
import { isForeign } from './guard.ts';
import { answerMlflowError, isMlflowPath } from './mlflow/frame.ts';
import { nativeServerOptions } from './native/errors.ts';

// Not by `import`: that reads each of a module's exports, and those of http load a whole client that a server does not use (8 MB, 50 ms of every start).
const { createServer } = process.getBuiltinModule('node:http');

export interface HttpPorts {
  readonly log: Log;
  readonly ids: Ids;
  /** Answers the protocols of inference; absent when this process does not serve models. */
  readonly inference: InferenceHandler | undefined;
  /** Mounts the control plane's protocols. */
  readonly mount: (server: FastifyInstance) => void;
}

export interface HttpServer {
  /** Starts to listen; gives the address it is reached at. Throws `port_in_use`, `not_writable` (no right to the port). */
  listen(host: string, port: number): Promise<string>;
  /** Stops taking requests and answers those under way; what is not through in 3 s is cut off. */
  close(): Promise<void>;
}

const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 60_000;
/** A whole request may take a day: models of many gigabytes come over slow lines. */
const REQUEST_MS = 24 * 60 * 60 * 1000;

/** Requests under way get so long to end once the server stops; whoever holds on longer is cut off. */
const DRAIN_MS = 3000;
const IDLE_LOOK_MS = 50;

/** Routes check what they take with zod. Named here, or Fastify loads compilers for JSON Schema that nobody uses: 4 MB and 40 ms of every start. */
const noSchemas = (): never => {
  throw new Error('a route was given a JSON Schema: routes check with zod');
};

/** One listener for both planes. The data plane reads its requests itself: on a small request most of the time is HTTP, not the model. */
export async function createHttpServer(ports: HttpPorts): Promise<HttpServer> {
  const { inference } = ports;
  const native = nativeServerOptions(ports);
  const server = Fastify({
    ...native,
    frameworkErrors: (error, request, reply) => {
      if (isMlflowPath(request.url)) answerMlflowError(error, request, reply, ports);
      else native.frameworkErrors?.(error, request, reply);
    },
    logger: false,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    forceCloseConnections: 'idle',
    serverFactory: (handler): Server =>
      createServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS }, (request, response) => {
        if (isForeign(request)) return refuse(response);
        if (inference?.takes(request.url ?? '') !== true) return handler(request, response);
        void inference.handle(request, response);
      }),
  });
  server.get('/health', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('OK'));
  ports.mount(server);
  await server.ready();

  return {
    async listen(host, port) {
      try {
        await server.listen({ host, port });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EADDRINUSE') throw fault('port_in_use', { host, port }, error);
        throw fault(
          'invalid_input',
          { where: `address ${host}:${port}`, problem: `it cannot be listened on (${code ?? String(error)}).` },
          error,
        );
      }
      const { port: bound } = server.server.address() as AddressInfo;
      return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
    },
    async close() {
      const late = setTimeout(() => server.server.closeAllConnections(), DRAIN_MS);
      // A connection that its client keeps alive becomes idle with its last answer, and would be waited for.
      const idle = setInterval(() => server.server.closeIdleConnections(), IDLE_LOOK_MS);
      await server.close();
      clearTimeout(late);
      clearInterval(idle);
    },
  };
}

/** In the one shape that every protocol here has in common: JSON with a message. */
function refuse(response: ServerResponse): void {
  const { code, message } = fault('foreign_request', {});
  response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify({ error: message, error_code: code, message }));
}
