import type { FastifyInstance } from 'fastify';
import type { NativePorts, Services } from '../native/services.ts';
import { mountArtifactProxy } from './artifact-proxy.ts';
import { artifactRoutes, mountArtifactPages, mountLoggedModelFile } from './artifact.ts';
import { aliasRoutes } from './alias.ts';
import { assessmentRoutes } from './assessment.ts';
import { experimentRoutes } from './experiment.ts';
import { createForeignIds } from './foreign-id.ts';
import { mountVersion } from './frame.ts';
import type { MlflowRoute } from './frame.ts';
import { loggedModelRoutes } from './logged-model.ts';
import { metricRoutes } from './metric.ts';
import { modelVersionRoutes } from './model-version.ts';
import { registeredModelRoutes } from './registered-model.ts';
import { runRoutes } from './run.ts';
import { serverRoutes } from './server.ts';
import { traceChangeRoutes } from './trace-change.ts';
import { traceRoutes } from './trace.ts';
import { webhookRoutes } from './webhook.ts';

/** The MLflow whose protocol this is. Below 3.4, the 3.x clients refuse to send spans. */
const MLFLOW_VERSION = '3.18.0';

/** Every operation with JSON on both sides. Each line is one file of this folder. */
export function mlflowRoutes(services: Services & NativePorts): readonly MlflowRoute[] {
  return [
    ...serverRoutes(),
    ...experimentRoutes(services),
    ...runRoutes(services),
    ...metricRoutes(services),
    ...artifactRoutes(services),
    ...loggedModelRoutes(services),
    ...registeredModelRoutes(services),
    ...modelVersionRoutes(services),
    ...aliasRoutes(services),
    ...traceRoutes(services),
    ...traceChangeRoutes(services),
    ...assessmentRoutes(services),
    ...webhookRoutes(services),
  ];
}

/** Answers MLflow's clients: /api/2.0, /api/3.0, the same under /ajax-api, and /version. */
export function mountMlflow(server: FastifyInstance, services: Services, ports: NativePorts): void {
  const routes = mlflowRoutes({ ...services, ...ports });
  const framed = { ...ports, foreignIds: createForeignIds(services.imports) };
  mountVersion(server, '2.0', routes, framed, (scope, root) => {
    mountArtifactProxy(scope, services);
    if (root === 'ajax-api') mountLoggedModelFile(scope, services);
  });
  mountVersion(server, '3.0', routes, framed);
  mountArtifactPages(server, services, ports);
  server.get('/version', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(MLFLOW_VERSION));
}
