import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Ids, Log, ModelSource, OnlineFeatures, PredictionLog, Random, RouteSource } from '@pawl/core';
import type { ServingLimits } from './endpoint/limits.ts';
import { createEndpoints } from './endpoint/endpoints.ts';
import { createRestHandler } from './protocol/rest/handler.ts';
import { defaultLimits } from './endpoint/limits.ts';

export interface DataPlanePorts {
  readonly routes: RouteSource;
  readonly models: ModelSource;
  readonly features: OnlineFeatures;
  /** Stays the caller's: it is not closed here. */
  readonly log: PredictionLog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly limits?: Partial<ServingLimits>;
  readonly logger: Log;
}

export interface DataPlane {
  /** Answers a request whose path is /v2 or under it; false, with the request untouched, for any other. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Whether every endpoint that has a version can answer. */
  ready(): boolean;
  /** Takes no more requests, answers those it took (for at most `drainMs`), then frees the models. */
  close(): Promise<void>;
}

/** The data plane over its ports. It follows the routes from now on, and listens nowhere: the caller's server hands it requests. */
export function createDataPlane(ports: DataPlanePorts): DataPlane {
  const limits: ServingLimits = { ...defaultLimits, ...ports.limits };
  const endpoints = createEndpoints(ports.routes, { ...ports, limits });
  const underWay = new Set<Promise<boolean>>();
  let closing: Promise<void> | undefined;
  const handle = createRestHandler({ endpoints, ids: ports.ids, limits, logger: ports.logger, open: () => closing === undefined });

  async function drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, limits.drainMs)));
    const answered = (async () => {
      while (underWay.size > 0) await Promise.all(underWay);
      await endpoints.close();
    })();
    await Promise.race([answered, timeout]);
    clearTimeout(timer);
  }

  return {
    handle: (request, response) => {
      const done: Promise<boolean> = handle(request, response).finally(() => underWay.delete(done));
      underWay.add(done);
      return done;
    },
    ready: () => closing === undefined && endpoints.ready(),
    close: () => (closing ??= drain()),
  };
}
