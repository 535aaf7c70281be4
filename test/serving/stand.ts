/** A data plane on a real socket, over ports in memory and model packages in a folder of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Arm,
  ArmName,
  Digest,
  EndpointRoute,
  Log,
  OnlineFeatures,
  PredictionLog,
  PredictionRecord,
  PythonSource,
  RouteSource,
} from '@pawl/core';
import { fault, toUuid7 } from '@pawl/core';
import type { DataPlane, ServingLimits } from '@pawl/serving';
import { createDataPlane, createInferenceHandler, readModelPackage } from '@pawl/serving';

export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface PackageFiles {
  readonly onnx?: Uint8Array;
  /** A booster's own file instead, and the library that saved it. */
  readonly booster?: { readonly library: 'lightgbm' | 'xgboost'; readonly file: Uint8Array };
  readonly features?: readonly { readonly view: string; readonly entity: string; readonly features: readonly string[] }[];
  /** It decides nothing: its outputs are only outputs. */
  readonly plain?: boolean;
}

/** Writes an MLflow model directory. */
export function writePackage(folder: string, { onnx, booster, features = [], plain = false }: PackageFiles): void {
  mkdirSync(folder, { recursive: true });
  const metadata = { pawl: { features, ...(!plain && { positive_output: 'probability' }) } };
  const [flavor, data] = booster === undefined ? ['onnx', 'model.onnx'] : [booster.library, 'model.bin'];
  // JSON is YAML.
  writeFileSync(join(folder, 'MLmodel'), JSON.stringify({ flavors: { [flavor]: { data } }, metadata }));
  writeFileSync(join(folder, data), booster?.file ?? onnx ?? '');
}

const digestOf = (version: number): Digest => `sha256:${version}`;

export function arm(name: ArmName, version: number, weight = 1): Arm {
  return { name, version, package: digestOf(version), weight };
}

export function routeTo(...arms: readonly Arm[]): EndpointRoute {
  return { endpoint: 'spam', model: 'spam-filter', rollout: arms.length > 1 ? 'r1' : null, arms };
}

export interface Stand {
  readonly url: string;
  readonly plane: DataPlane;
  readonly records: readonly PredictionRecord[];
  setRoutes(...routes: readonly EndpointRoute[]): void;
  infer(body: unknown, headers?: Readonly<Record<string, string>>, path?: string): Promise<Response>;
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface StandOptions {
  readonly packages?: Readonly<Record<number, PackageFiles>>;
  /** Packages that lie somewhere already, by version. */
  readonly folders?: Readonly<Record<number, string>>;
  readonly routes: readonly EndpointRoute[];
  readonly features?: OnlineFeatures;
  readonly pythons?: PythonSource;
  readonly limits?: Partial<ServingLimits>;
  readonly log?: PredictionLog;
  /** Awaited before a package is opened. */
  readonly beforeOpen?: (version: number) => Promise<void>;
}

/** A Python that imports scikit-learn on a busy machine takes long. */
const READY_MS = 180_000;

export async function startStand(options: StandOptions): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-serving-'));
  for (const [version, files] of Object.entries(options.packages ?? {})) writePackage(join(folder, version), files);
  let current = options.routes;
  const listeners = new Set<(routes: readonly EndpointRoute[]) => void>();
  const routes: RouteSource = {
    current: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const records: PredictionRecord[] = [];
  const plane = createDataPlane({
    routes,
    models: {
      open: async (digest) => {
        const version = digest.slice('sha256:'.length);
        await options.beforeOpen?.(Number(version));
        const given = options.folders?.[Number(version)];
        if (given !== undefined) return readModelPackage(given);
        if (options.packages?.[Number(version)] === undefined) throw fault('blob_not_found', { digest });
        return readModelPackage(join(folder, version));
      },
    },
    features: options.features ?? { lookup: async (_view, keys) => keys.map(() => ({})) },
    log: options.log ?? { append: (added) => void records.push(...added), close: async () => {} },
    clock: { now: Date.now },
    random: { next: Math.random, bytes: (length) => randomBytes(length) },
    ...(options.pythons && { pythons: options.pythons }),
    ...(options.limits && { limits: options.limits }),
    logger: silent,
  });
  const ids = { next: () => toUuid7(Date.now(), randomBytes(10)) };
  const inference = createInferenceHandler({ plane, ids, logger: silent, alone: true });
  const server = createServer((request, response) => {
    if (inference.takes(request.url ?? '')) void inference.handle(request, response);
    else response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    plane,
    records,
    setRoutes: (...next) => {
      current = next;
      for (const listener of listeners) listener(next);
    },
    infer: (body, headers = {}, path = '/v2/models/spam/infer') =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      }),
    ready: async () => {
      const until = Date.now() + READY_MS;
      while (!plane.ready()) {
        if (Date.now() > until) throw new Error(`not ready: ${JSON.stringify(plane.index())}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    close: async () => {
      await plane.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A request of one FP32 column a name. */
export function toRequest(columns: Readonly<Record<string, readonly number[]>>, more: object = {}): object {
  const inputs = Object.entries(columns).map(([name, data]) => ({ name, shape: [data.length, 1], datatype: 'FP32', data }));
  return { inputs, ...more };
}
