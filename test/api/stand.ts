/** The native API over real SQLite, blobs on disk and DuckDB, in a folder of its own. Every answer is held against the schema that describes it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database, Log } from '@pawl/core';
import {
  createCalendar,
  createFolders,
  createFsBlobs,
  createIds,
  createPythons,
  createSecretBox,
  createSeededRandom,
  createSimulatedClock,
  createTables,
  createWebhookSender,
  createMd5,
  hashSha256,
  openSqlite,
} from '@pawl/drivers';
import { mountMlflow } from '../../packages/app/src/http/mlflow/index.ts';
import { mountOtlp } from '../../packages/app/src/http/otlp/index.ts';
import { mountNative, nativeRoutes } from '../../packages/app/src/http/native/index.ts';
import type { Route } from '../../packages/app/src/http/native/route.ts';
import type { NativePorts, Services } from '../../packages/app/src/http/native/services.ts';
import { createHttpServer } from '../../packages/app/src/http/server.ts';
import { createModelStore } from '../../packages/app/src/model-source.ts';
import { createServices } from '../../packages/app/src/services.ts';

export const START = Date.parse('2026-03-01T00:00:00Z');

type Method = Route['method'];

type Server = Parameters<typeof mountNative>[0];

/** JSON as a test reads it: what it asserts on decides what is there. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Body = any;

export interface Stand {
  readonly home: string;
  readonly server: Server;
  readonly database: Database;
  readonly services: Services;
  readonly ports: NativePorts;
  /** What was logged as an error. */
  readonly errors: readonly object[];
  /** Asks, expects 200, and holds the answer against its schema. */
  call(method: Method, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Body>;
  /** Asks, and expects an error of the API's one shape with nothing of the server's inside in it. Gives the message. */
  refuse(
    status: number,
    code: string,
    method: Method,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** Stores contents, and gives their manifest. */
  store(files: Readonly<Record<string, string | Uint8Array>>): Promise<{ readonly entries: readonly object[] }>;
  /** Listens on a free port. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export async function startStand({ artifactRoot = 'mlflow-artifacts:/' }: { readonly artifactRoot?: string } = {}): Promise<Stand> {
  const home = mkdtempSync(join(tmpdir(), 'pawl-api-'));
  const errors: object[] = [];
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: (fields) => void errors.push(fields) };
  const clock = createSimulatedClock(START);
  const random = createSeededRandom(7);
  const ids = createIds(clock, random);
  const database = await openSqlite({ path: join(home, 'pawl.db') });
  const blobs = createFsBlobs({ root: join(home, 'blobs') });
  const folders = createFolders({ root: home });
  const tables = createTables({ threads: 1 });
  const ports: NativePorts = { blobs, folders, clock, ids, log };
  const services = createServices({
    ...ports,
    database,
    pythons: createPythons({ root: join(home, 'environments'), clock, env: {} }),
    tables,
    random,
    hash: hashSha256,
    md5: createMd5,
    calendar: await createCalendar(),
    models: createModelStore({ blobs, folders, log }),
    code: { inspect: async () => null },
    environment: { node: process.version },
    artifactRoot,
    retention: { predictionMs: 90 * 86_400_000, predictionRows: null, eventMs: 400 * 86_400_000, logMs: 180 * 86_400_000 },
    secrets: createSecretBox(['7'.repeat(64)]),
    webhookSender: createWebhookSender({ timeoutMs: 2000, reach: 'any' }),
    prices: { currency: 'EUR', standard: { cpuHour: 0.36, gbHour: 0, gpuHour: 0, hour: 3.6 }, machines: {} },
  });
  let mounted: Server | undefined;
  const http = await createHttpServer({
    log,
    ids,
    inference: undefined,
    mount: (control) => {
      mounted = control;
      mountNative(control, services, ports);
      mountMlflow(control, services, ports);
      mountOtlp(control, services, ports);
    },
  });
  assert.ok(mounted !== undefined);
  const server: Server = mounted;
  const routes = nativeRoutes({ ...services, ...ports });

  const ask = (method: Method, path: string, body: unknown, headers: Readonly<Record<string, string>>) =>
    server.inject({ method, url: `/api/v1${path}`, headers, ...(body === undefined ? {} : { payload: body as object }) });

  return {
    home,
    server,
    database,
    services,
    ports,
    errors,
    async call(method, path, body, headers = {}) {
      const response = await ask(method, path, body, headers);
      assert.equal(response.statusCode, 200, `${method} ${path}: ${response.body.slice(0, 500)}`);
      const answer = response.json<unknown>();
      hold(routes, method, path, answer);
      return answer;
    },
    async refuse(status, code, method, path, body, headers = {}) {
      const response = await ask(method, path, body, headers);
      assert.equal(response.statusCode, status, `${method} ${path}: ${response.body.slice(0, 500)}`);
      const answer = response.json<{ error: { code: string; message: string; details: object } }>();
      assert.deepEqual(Object.keys(answer), ['error']);
      assert.deepEqual(Object.keys(answer.error), ['code', 'message', 'details']);
      assert.equal(answer.error.code, code, answer.error.message);
      assert.match(answer.error.message, /\.$/);
      assert.doesNotMatch(answer.error.message, /\n/);
      for (const secret of [home, tmpdir(), 'node_modules', '    at ', '.ts:']) assert.ok(!response.body.includes(secret), response.body);
      return answer.error.message;
    },
    async store(files) {
      const entries = [];
      for (const [path, content] of Object.entries(files)) {
        const bytes = Buffer.from(content as Uint8Array);
        const digest = hashSha256(bytes);
        const headers = { 'content-type': 'application/octet-stream' };
        const response = await server.inject({ method: 'PUT', url: `/api/v1/blobs/${digest}`, payload: bytes, headers });
        assert.deepEqual(response.json(), { digest, size: bytes.length });
        entries.push({ path, digest, size: bytes.length, mode: 0o644 });
      }
      return { entries };
    },
    listen: () => http.listen('127.0.0.1', 0),
    async close() {
      await http.close();
      await tables.close();
      await database.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** The schema takes the answer, and names every member of it. */
function hold(routes: readonly Route[], method: Method, path: string, answer: unknown): void {
  const plain = path.split('?')[0] ?? '';
  const route = routes.find((one) => one.method === method && toPattern(one.path).test(plain));
  assert.ok(route !== undefined, `${method} ${plain} is no operation`);
  const parsed = route.response.safeParse(answer);
  assert.ok(parsed.success, `${route.operation}: ${parsed.error?.message ?? ''}`);
  assert.deepEqual(parsed.data, answer);
}

function toPattern(path: string): RegExp {
  return new RegExp(`^${path.replace(/:[a-z_]+/g, '[^/]+')}$`);
}
