import { join, resolve } from 'node:path';
import type { Blobs, Clock, Database, Random } from '@pawl/core';
import {
  createCalendar,
  createEnvironmentInspector,
  createFolders,
  createFolderWatch,
  createFsBlobs,
  createGitInspector,
  createIds,
  createMd5,
  createProcessExecutor,
  createPythons,
  createSecretBox,
  createSystemClock,
  createSystemRandom,
  createTables,
  createWebhookNotifier,
  createWebhookSender,
  hashSha256,
  lockHome,
  openPostgres,
  openSqlite,
  readKeyFile,
} from '@pawl/drivers';
import { createRouteTable } from '@pawl/engine';
import { createDataPlane, createGrpcServer, createInferenceHandler, createSpool } from '@pawl/serving';
import { inheritedEnvironment, installerEnvironment } from './config/load.ts';
import { toRetention } from './config/retention.ts';
import type { Config } from './config/schema.ts';
import { loadPrices } from './config/prices.ts';
import { createHttpServer } from './http/server.ts';
import { mountDvc } from './http/dvc/index.ts';
import { mountMlflow } from './http/mlflow/index.ts';
import { mountOtlp } from './http/otlp/index.ts';
import { mountNative } from './http/native/index.ts';
import { createLog } from './log.ts';
import { createLoopRunner } from './loops.ts';
import { backgroundLoops } from './loops-by-role.ts';
import { createModelPython } from './model-python.ts';
import { createModelStore } from './model-source.ts';
import { createStepSecrets } from './step-secrets.ts';
import { createServices } from './services.ts';
import { describeRuntime, stepPath } from './runtime.ts';

/** Ports that a replay or a test brings along instead of the machine's own. */
export interface Overrides {
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface Pawl {
  /** Listens, then starts the background loops. Gives the address. */
  start(): Promise<string>;
  /** Answers what was accepted, ends the loops, and lets go of the home. */
  stop(): Promise<void>;
  /** Resolves when every background loop has nothing left to do; for replays in simulated time. */
  settle(): Promise<void>;
}

const STOP_GRACE_MS = 3000;
const SEGMENT_BYTES = 8 * 1024 * 1024;

/** Wires one process out of its configuration: every driver, service, reactor and protocol is chosen here and nowhere else. */
export async function compose(config: Config, overrides: Overrides = {}): Promise<Pawl> {
  const prices = loadPrices(config.prices);
  const home = resolve(config.home);
  const lock = lockHome(home);
  let database: Database;
  try {
    database =
      config.databaseUrl === undefined
        ? await openSqlite({ path: join(home, 'pawl.db') })
        : await openPostgres({ url: config.databaseUrl });
  } catch (error) {
    lock.release();
    throw error;
  }
  const has = (role: Config['roles'][number]): boolean => config.roles.includes(role);
  const log = createLog(config);
  const clock = overrides.clock ?? createSystemClock();
  const random = overrides.random ?? createSystemRandom();
  const ids = createIds(clock, random);
  // As durable as the records that name them: see `openSqlite`.
  const durability = config.databaseUrl === undefined ? 'process' : 'power';
  const blobs: Blobs = createFsBlobs({ root: config.blobs ?? join(home, 'blobs'), durability });
  const folders = createFolders({ root: home });
  const tables = createTables();
  const pythons = createPythons({ root: join(home, 'environments', 'python'), clock, env: installerEnvironment() });
  const base = {
    database,
    blobs,
    folders,
    tables,
    clock,
    calendar: await createCalendar(),
    ids,
    random,
    hash: hashSha256,
    md5: createMd5,
    log,
    artifactRoot: config.artifactRoot,
    retention: toRetention(config),
    prices,
    pythons,
  };
  const secrets = createSecretBox(config.secretKeys ?? readKeyFile(join(home, 'secret.key')));
  const webhookSender = createWebhookSender({ timeoutMs: 30_000, reach: config.webhookReach });

  let address = '';
  const modelPython = createModelPython({ pythons, configured: config.modelPython, env: inheritedEnvironment(), log });
  const models = createModelStore({ blobs, folders, pythons: modelPython, log });
  const services = createServices({
    ...base,
    models,
    webhookSender,
    secrets,
    code: createGitInspector(),
    environment: describeRuntime(),
  });
  const routes = createRouteTable({ database });
  const spoolFolder = join(home, 'spool');
  const spool = createSpool({ folder: spoolFolder, segmentBytes: SEGMENT_BYTES, logger: log });
  const dataPlane = has('serving')
    ? createDataPlane({
        routes,
        models,
        features: services.features,
        pythons: modelPython,
        log: spool,
        clock,
        random,
        logger: log,
        limits: { modelBytes: config.modelMemoryMb * 1024 * 1024 },
      })
    : undefined;
  const protocolPorts = { log, ids, blobs, folders, clock };
  const http = await createHttpServer({
    log,
    ids,
    inference: dataPlane && createInferenceHandler({ plane: dataPlane, ids, logger: log, alone: false }),
    mount: (server) => {
      // Steps talk to the process that runs them.
      if (!has('api') && !has('worker')) return;
      mountNative(server, services, protocolPorts);
      mountMlflow(server, services, protocolPorts);
      mountOtlp(server, services, protocolPorts);
      mountDvc(server, services, protocolPorts);
    },
  });
  const grpc =
    dataPlane === undefined || config.grpcPort === undefined ? undefined : await createGrpcServer({ plane: dataPlane, ids, logger: log });
  const background = backgroundLoops(config, {
    ...base,
    services,
    routes,
    homeId: lock.id,
    spoolFolder,
    executor: createProcessExecutor({ clock, basics: inheritedEnvironment(), warm: true }),
    pythons,
    folderWatch: createFolderWatch(),
    notifier: createWebhookNotifier({ timeoutMs: 10_000 }),
    webhookSender,
    secrets,
    environment: describeRuntime(),
    environments: createEnvironmentInspector(),
    surroundings: {
      inherited: inheritedEnvironment(),
      pathPrefix: stepPath(),
      secret: createStepSecrets(join(home, 'secrets')),
      get server() {
        return address;
      },
    },
  });
  const runner = createLoopRunner({ database, log, pollMs: config.pollMs }, background.loops);

  return {
    settle: () => runner.settle(),
    async start() {
      await services.webhooks.reseal();
      await routes.tick();
      address = await http.listen(config.host, config.port);
      const grpcPort = config.grpcPort === undefined ? undefined : await grpc?.listen(config.host, config.grpcPort);
      runner.start();
      log.info({ address, ...(grpcPort !== undefined && { grpcPort }), home, roles: config.roles }, 'ready');
      return address;
    },
    async stop() {
      // Side by side: a client that holds on to its request costs the steps none of their time to end.
      await Promise.all([
        Promise.all([http.close(), grpc?.close(STOP_GRACE_MS)]).then(() => dataPlane?.close()),
        background.worker?.close(STOP_GRACE_MS),
      ]);
      await spool.close();
      await runner.stop();
      await background.drainIntake();
      await tables.close();
      await database.close();
      lock.release();
    },
  };
}
