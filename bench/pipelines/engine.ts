/** The engine over its own SQLite file, without a server: what one task costs in state moves, and what a wide fan-out holds in memory. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toUuid7 } from '@pawl/core';
import type { Database, PipelineStep } from '@pawl/core';
import { createFolders, createFsBlobs, createGitInspector, createTables, hashSha256, openSqlite } from '@pawl/drivers';
import { createDatasetService, createPipelineService, moveTask } from '@pawl/engine';
import type { PipelineService } from '@pawl/engine';

export interface Stand {
  readonly path: string;
  readonly database: Database;
  readonly pipelines: PipelineService;
  /** Starts a run of a fan-out of so many elements. */
  fanOut(elements: number): Promise<string>;
  /** Claims one task and ends it well; false when none is ready. */
  step(): Promise<boolean>;
  close(): Promise<void>;
}

const silent = (): void => undefined;
const log = { debug: silent, info: silent, warn: silent, error: console.error };

export async function openStand(): Promise<Stand> {
  const home = mkdtempSync(join(tmpdir(), 'pawl-bench-'));
  const path = join(home, 'pawl.db');
  const database = await openSqlite({ path });
  const clock = { now: () => Date.now() };
  const ids = { next: () => toUuid7(clock.now(), randomBytes(10)) };
  const tables = createTables({ threads: 1 });
  const base = {
    database,
    blobs: createFsBlobs({ root: join(home, 'blobs') }),
    folders: createFolders({ root: home }),
    tables,
    clock,
    ids,
    hash: hashSha256,
    log,
    environment: {},
  };
  const datasets = createDatasetService(base);
  const pipelines = createPipelineService({ ...base, datasets, code: createGitInspector() });
  let runs = 0;
  return {
    path,
    database,
    pipelines,
    async fanOut(elements) {
      runs += 1;
      const step: PipelineStep = {
        name: 'work',
        run: ':',
        inputs: {},
        outputs: {},
        params: [],
        code: [],
        after: [],
        retries: 0,
        timeoutMs: 1000,
        cache: true,
        foreach: { in: `range(${elements})`, parallelism: 0 },
      };
      const last: PipelineStep = { ...step, name: 'last', after: ['work'], foreach: { in: [1], parallelism: 0 } };
      await database.transaction((tx) =>
        pipelines.define(tx, { name: 'wide', experiment: 'bench', params: {}, steps: [step, last] }, home, 'user:bench'),
      );
      const cause = { type: 'manual', actor: 'user:bench', key: `run ${runs}`, event: null, note: '' } as const;
      return (await pipelines.start({ pipeline: 'wide', cause })).run.id;
    },
    async step() {
      const now = clock.now();
      const task = await database.transaction((tx) => tx.tasks.claim('bench', now, now + 60_000));
      if (task === undefined) return false;
      const end = { type: 'succeed', fence: task.fence, cacheKey: hashSha256(task.id), outputs: {} } as const;
      await database.transaction((tx) => moveTask(tx, base, task.id, end, 'system:bench'));
      return true;
    },
    async close() {
      await database.close();
      await tables.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Adds finished tasks of finished runs, as years of work leave them, by a connection of its own. */
export function addHistory(path: string, tasks: number): void {
  const db = new DatabaseSync(path);
  db.exec(`
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -400000;
    BEGIN;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${tasks})
    INSERT INTO task (id, run, step, state, attempt, lost, ready_at, open_upstreams, worker, fence, cache_key, outputs, started_at, ended_at, revision, turn)
    SELECT lower(hex(randomblob(16))), printf('%032x', i / 10), 'step' || (i % 10), iif(i % 20 = 0, 'failed', 'succeeded'), 1, 0, 1700000000000 + i, 0, 'w', 1,
      'sha256:' || lower(hex(randomblob(32))), '{}', 1700000000000 + i, 1700000001000 + i, 4, 0
    FROM n;
    COMMIT;
    PRAGMA wal_checkpoint(TRUNCATE);
  `);
  db.close();
}
