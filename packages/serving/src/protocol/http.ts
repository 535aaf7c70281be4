import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ids, Log } from '@pawl/core';
import type { DataPlane, PlaneReport } from '../data-plane.ts';
import { createScoringHandler } from './mlflow/handler.ts';
import { METRICS_TYPE, toMetricsText } from './metrics.ts';
import { send } from './reply.ts';
import { createRestHandler } from './rest/handler.ts';
import { isRest } from './rest/route.ts';
import { isScoring } from './mlflow/route.ts';

export interface InferencePorts {
  readonly plane: DataPlane;
  readonly ids: Ids;
  readonly logger: Log;
  /** Whether the server does nothing but inference. */
  readonly alone: boolean;
  /** What `/metrics` tells; absent: of this plane. Several processes behind one address tell of all. */
  readonly report?: () => Promise<PlaneReport>;
}

/** The protocols of inference over HTTP/1.1, for whatever server hands them its requests. */
export interface InferenceHandler {
  /** Whether a request's target is one of these protocols'. */
  takes(url: string): boolean;
  /** Answers a request that it takes. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const isMetrics = (url: string): boolean => url === '/metrics' || url.startsWith('/metrics?');

export function createInferenceHandler(ports: InferencePorts): InferenceHandler {
  const rest = createRestHandler(ports);
  const scoring = createScoringHandler(ports);
  return {
    takes: (url) => isMetrics(url) || isRest(url) || isScoring(url, ports.alone),
    handle: async (request, response) => {
      const { url = '' } = request;
      if (isMetrics(url)) {
        const report = await (ports.report?.() ?? { statistics: ports.plane.statistics(), index: ports.plane.index() });
        send(response, { status: 200, body: toMetricsText(report), headers: { 'content-type': METRICS_TYPE } });
      } else await (isRest(url) ? rest : scoring)(request, response);
    },
  };
}
