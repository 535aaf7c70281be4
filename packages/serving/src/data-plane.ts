import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Log, ModelSource, OnlineFeatures, PredictionLog, PythonSource, Random, RouteSource } from '@pawl/core';
import { fault } from '@pawl/core';
import type { EndpointStatistics, ExplainAnswer, InferAnswer, InferCall, ModelDescription, VersionState } from './endpoint/endpoint.ts';
import type { ServingLimits } from './endpoint/limits.ts';
import { createResidency } from './endpoint/residency.ts';
import { createEndpoints } from './endpoint/endpoints.ts';
import { defaultLimits } from './endpoint/limits.ts';

export interface DataPlanePorts {
  readonly routes: RouteSource;
  readonly models: ModelSource;
  readonly features: OnlineFeatures;
  /** For models that only Python opens; absent: they are refused. */
  readonly pythons?: PythonSource;
  /** Stays the caller's: it is not closed here. */
  readonly log: PredictionLog;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Partial<ServingLimits>;
  readonly logger: Log;
}

/**
 * What every protocol speaks to: named tensors in, named tensors out. A model, here, is what requests name: an endpoint, behind which versions answer by weight.
 * Nothing in it knows a wire.
 */
export interface DataPlane {
  readonly limits: ServingLimits;
  /** Names of all models, in order. */
  names(): readonly string[];
  has(model: string): boolean;
  /** Every version of every model and how it stands. */
  index(): readonly (VersionState & { readonly model: string })[];
  /** What was answered by each version of each model, and how many requests of the model are under way. */
  statistics(): readonly ModelStatistics[];
  /** The stable version of a model, or the version named. Throws `endpoint_unknown`, `version_unknown`, `model_not_ready`. */
  describe(model: string, version?: string): ModelDescription;
  /**
   * Answers and records; the record is in the log before the promise resolves. Rejects with `server_closing`, `endpoint_unknown`, and what `Endpoint.infer` throws.
   */
  infer(model: string, call: InferCall): Promise<InferAnswer>;
  /** How each column moved the rows of a call. Rejects as `infer`, and with `extension_unsupported`. */
  explain(model: string, call: InferCall): Promise<ExplainAnswer>;
  /** Models in memory, and what they take of it; those that rest are loaded when they are next asked. */
  memory(): { readonly models: number; readonly bytes: number };
  /** Whether requests are still taken. */
  open(): boolean;
  /** Whether every model that has a version can answer. */
  ready(): boolean;
  /** Takes no more requests, answers those it took (for at most `drainMs`), then frees the models. */
  close(): Promise<void>;
}

export interface ModelStatistics {
  readonly model: string;
  readonly waiting: number;
  readonly versions: readonly EndpointStatistics[];
}

/** What a data plane tells of itself, as plain data that goes from process to process. */
export interface PlaneReport {
  readonly statistics: readonly ModelStatistics[];
  readonly index: readonly (VersionState & { readonly model: string })[];
}

/** The data plane over its ports. It follows the routes from now on, and listens nowhere: protocols bring it their requests. */
export function createDataPlane(ports: DataPlanePorts): DataPlane {
  const limits: ServingLimits = { ...defaultLimits, ...ports.limits };
  const residency = createResidency(limits.modelBytes, ports.logger);
  const endpoints = createEndpoints(ports.routes, { ...ports, limits, residency });
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, limits.drainMs)));
    const answered = (async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay);
      // In which protocols write what they were answered.
      await turn();
      await endpoints.close();
    })();
    await Promise.race([answered, timeout]);
    clearTimeout(timer);
  }

  /** Work that closing waits for. */
  async function follow<Result>(begin: () => Promise<Result>): Promise<Result> {
    if (closing !== undefined) throw fault('server_closing', {});
    const work = begin();
    underWay.add(work);
    try {
      return await work;
    } finally {
      underWay.delete(work);
    }
  }

  return {
    limits,
    names: endpoints.names,
    has: endpoints.has,
    index: () =>
      endpoints.names().flatMap((model) =>
        endpoints
          .get(model)
          .versions()
          .map((version) => ({ model, ...version })),
      ),
    statistics: () =>
      endpoints.names().map((model) => {
        const endpoint = endpoints.get(model);
        return { model, waiting: endpoint.waiting(), versions: endpoint.statistics() };
      }),
    describe: (model, version) => endpoints.get(model).describe(version),
    infer: async (model, call) => follow(() => endpoints.get(model).infer(call)),
    explain: async (model, call) => follow(() => endpoints.get(model).explain(call)),
    memory: residency.usage,
    open: () => closing === undefined,
    ready: () => closing === undefined && endpoints.ready(),
    close: () => (closing ??= drain()),
  };
}
