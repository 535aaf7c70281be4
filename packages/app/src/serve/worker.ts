/** One process of `pawl serve`: the data plane behind the listener that all of them share. It runs as a worker of node:cluster only. */
import { join } from 'node:path';
import { fault, isFault } from '@pawl/core';
import type { Arm, Digest, EndpointRoute, Log, RouteSource } from '@pawl/core';
import { createIds, createPythons, createSystemClock, createSystemRandom } from '@pawl/drivers';
import type { PlaneReport } from '@pawl/serving';
import { createDataPlane, createGrpcServer, createInferenceHandler, readModel } from '@pawl/serving';
import { inheritedEnvironment, installerEnvironment } from '../config/load.ts';
import { isForeign } from '../http/guard.ts';
import { createLog } from '../log.ts';
import { createModelPython } from '../model-python.ts';
import type { PrimaryMessage, ServedModel, ServeSettings, WorkerMessage } from './messages.ts';

// Not by `import`, which loads an HTTP client with it.
const { createServer } = process.getBuiltinModule('node:http');

const KEEP_ALIVE_MS = 65_000;
const HEADERS_MS = 60_000;
const REQUEST_MS = 5 * 60 * 1000;
const READY_LOOK_MS = 20;
const CLOSE_MS = 5000;

const tell = (message: WorkerMessage): void => void process.send?.(message);

/** The package of a model that does not come by digest: its place in the list stands for it. */
const toDigest = (index: number): Digest => `sha256:${index}`;

function toRoutes(models: readonly ServedModel[]): RouteSource {
  const routes = models.map(({ name, version }, index): EndpointRoute => {
    const arm: Arm = { name: 'stable', version, package: toDigest(index), weight: 1 };
    return { endpoint: name, model: name, rollout: null, arms: [arm] };
  });
  return { current: () => routes, subscribe: () => () => {} };
}

/** Asks the primary for what all workers tell. */
function createAsking(): { readonly ask: () => Promise<PlaneReport>; readonly answer: (id: number, report: PlaneReport) => void } {
  const waiting = new Map<number, (report: PlaneReport) => void>();
  let last = 0;
  return {
    ask: () =>
      new Promise((resolve) => {
        last += 1;
        waiting.set(last, resolve);
        tell({ kind: 'ask', id: last });
      }),
    answer: (id, report) => {
      waiting.get(id)?.(report);
      waiting.delete(id);
    },
  };
}

async function serve(settings: ServeSettings): Promise<void> {
  const written = createLog(settings);
  let ready = false;
  // Until then what goes wrong ends this process, and is told in a line.
  const log: Log = {
    debug: (fields, message) => written.debug(fields, message),
    info: (fields, message) => written.info(fields, message),
    warn: (fields, message) => written.warn(fields, message),
    error: (fields, message) => (ready ? written.error(fields, message) : undefined),
  };
  const clock = createSystemClock();
  const random = createSystemRandom();
  const ids = createIds(clock, random);
  const { models } = settings;
  const env = inheritedEnvironment();
  const pythons = createPythons({ root: join(settings.home, 'environments', 'python'), clock, env: installerEnvironment() });
  const plane = createDataPlane({
    routes: toRoutes(models),
    models: {
      open: async (digest) => {
        const model = models[Number(digest.slice('sha256:'.length))];
        if (model === undefined) throw fault('blob_not_found', { digest });
        return readModel(model.path);
      },
    },
    features: {
      lookup: async (view) => {
        throw fault('features_unavailable', { view });
      },
    },
    pythons: createModelPython({ pythons, configured: settings.modelPython, env, log }),
    log: { append: () => {}, close: async () => {} },
    clock,
    random,
    logger: log,
  });
  const asking = createAsking();
  const inference = createInferenceHandler({ plane, ids, logger: log, alone: true, report: asking.ask });
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS },
    (request, response) => {
      if (isForeign(request)) response.writeHead(403).end();
      else if (inference.takes(request.url ?? '')) void inference.handle(request, response);
      else
        response
          .writeHead(404, { 'content-type': 'application/json' })
          .end('{"error":"There is nothing at this path; GET /v2/models lists the models."}');
    },
  );
  const grpc = settings.grpcPort === undefined ? undefined : await createGrpcServer({ plane, ids, logger: log });

  process.on('message', (message: PrimaryMessage) => {
    if (message.kind === 'report')
      tell({ kind: 'report', id: message.id, report: { statistics: plane.statistics(), index: plane.index() } });
    else if (message.kind === 'told') asking.answer(message.id, message.report);
  });
  const stop = async (): Promise<void> => {
    setTimeout(() => process.exit(1), CLOSE_MS * 2).unref();
    const ended = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await Promise.all([plane.close(), grpc?.close(CLOSE_MS)]);
    server.closeAllConnections();
    await ended;
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  // The primary is gone: nobody would end this process.
  process.once('disconnect', () => void stop());

  while (!plane.ready()) {
    const broken = plane.index().find(({ state }) => state === 'UNAVAILABLE');
    if (broken !== undefined) throw fault('model_not_ready', { name: broken.model, reason: broken.reason.replace(/\.$/, '') });
    await new Promise((resolve) => setTimeout(resolve, READY_LOOK_MS));
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const problem = `it cannot be listened on (${error.code ?? error.message}).`;
      reject(
        error.code === 'EADDRINUSE'
          ? fault('port_in_use', { host: settings.host, port: settings.port }, error)
          : fault('invalid_input', { where: `address ${settings.host}:${settings.port}`, problem }, error),
      );
    });
    server.listen(settings.port, settings.host, resolve);
  });
  if (settings.grpcPort !== undefined) await grpc?.listen(settings.host, settings.grpcPort);
  ready = true;
  tell({ kind: 'ready' });
}

process.once('message', (message: PrimaryMessage) => {
  if (message.kind !== 'start') return;
  serve(message.settings).catch((error: unknown) => {
    tell({
      kind: 'failed',
      problem: isFault(error) ? error.message : `A serving process failed: ${error instanceof Error ? error.message : String(error)}`,
    });
    process.exit(1);
  });
});
