import { fault } from '@pawl/core';
import type { Database, EventListener, EventStore, EventType, NewEvent, Readers, Writers } from '@pawl/core';
import type { Sql } from './context.ts';
import { createApprovalStore } from './approval.ts';
import { createCheckStore } from './check.ts';
import { createDatasetStore } from './dataset.ts';
import { createDatasetNameStore } from './dataset-name.ts';
import { createDatasetUseReader } from './dataset-use.ts';
import { createDvcStore } from './dvc.ts';
import { createEventStore } from './event.ts';
import { createExperimentStore } from './experiment.ts';
import { createFeatureStore } from './feature.ts';
import { createGroups } from './group.ts';
import { createImportStore } from './import.ts';
import { createLeaseStore } from './lease.ts';
import { createMetricReader } from './metric.ts';
import { createRunStore } from './run.ts';
import { createRunMoveStore } from './run-move.ts';
import { createArtifactStore } from './artifact.ts';
import { createLoggedModelStore } from './logged-model.ts';
import { createAlertStore } from './alert.ts';
import { createGateStore } from './gate.ts';
import { createGcStore } from './gc.ts';
import { createModelStore } from './model.ts';
import { createMonitorStore } from './monitor.ts';
import { createPipelineStore } from './pipeline.ts';
import type { SpecMemo } from './pipeline.ts';
import { createProfileStore } from './profile.ts';
import { createPredictionStore } from './prediction.ts';
import { createRecordingStore } from './recording.ts';
import { createRetentionStore } from './retention.ts';
import { createRolloutStore } from './rollout.ts';
import { createSeriesReader } from './series.ts';
import { createTaskStore } from './task.ts';
import { createTraceStore } from './trace.ts';
import { createArrivalStore } from './arrival.ts';
import { createBackfillStore } from './backfill.ts';
import { createTriggerStore } from './trigger.ts';
import { createWebhookStore } from './webhook.ts';

/** Every noun's store over one handle. */
function createStores(sql: Sql, specs: SpecMemo): Writers {
  return {
    events: createEventStore(sql),
    leases: createLeaseStore(sql),
    datasets: createDatasetStore(sql),
    datasetNames: createDatasetNameStore(sql),
    datasetUses: createDatasetUseReader(sql),
    profiles: createProfileStore(sql),
    dvc: createDvcStore(sql),
    checks: createCheckStore(sql),
    features: createFeatureStore(sql),
    experiments: createExperimentStore(sql),
    runs: createRunStore(sql),
    runMoves: createRunMoveStore(sql),
    metrics: createMetricReader(sql),
    series: createSeriesReader(sql),
    artifacts: createArtifactStore(sql),
    loggedModels: createLoggedModelStore(sql),
    imports: createImportStore(sql),
    alerts: createAlertStore(sql),
    gates: createGateStore(sql),
    gc: createGcStore(sql),
    models: createModelStore(sql),
    approvals: createApprovalStore(sql),
    monitors: createMonitorStore(sql),
    pipelines: createPipelineStore(sql, specs),
    predictions: createPredictionStore(sql),
    recordings: createRecordingStore(sql),
    retention: createRetentionStore(sql),
    rollouts: createRolloutStore(sql),
    tasks: createTaskStore(sql),
    traces: createTraceStore(sql),
    triggers: createTriggerStore(sql),
    arrivals: createArrivalStore(sql),
    backfills: createBackfillStore(sql),
    webhooks: createWebhookStore(sql),
  };
}

/** What an engine does in its own way. */
export interface Engine {
  /** Reads what is committed, also while a transaction is open. */
  readonly reader: Sql;
  /** Runs `work` in one transaction, again from the start where the engine asks for it. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Tells of events that others commit; the listeners of this process are told by `createDatabase`. */
  onForeignEvents(listener: EventListener): () => void;
  close(): Promise<void>;
}

/** SQLite has one writer; PostgreSQL uses some of its connections at once. */
const LANES = { sqlite: 1, postgres: 3 } as const;

/** The database port over an engine. */
export function createDatabase(engine: Engine): Database {
  const listeners = new Set<EventListener>();
  const tell: EventListener = (types) => {
    for (const listener of listeners) listener(types);
  };
  const specs: SpecMemo = new Map();
  const read: Readers = createStores(engine.reader, specs);
  const running = new Set<Promise<unknown>>();
  let stop: (() => void) | undefined;
  let closing = false;

  async function transaction<T>(work: (tx: Writers) => Promise<T>): Promise<T> {
    let appended: ReadonlySet<EventType> = new Set();
    const result = await engine.transaction(async (sql) => {
      const stores = createStores(sql, specs);
      const { events, flush, types } = appendAtEnd(stores.events);
      const value = await work({ ...stores, events });
      await flush();
      appended = types;
      return value;
    });
    if (appended.size > 0) tell(appended);
    return result;
  }

  const groups = createGroups(transaction, LANES[engine.reader.engine]);

  async function tracked<T>(start: () => Promise<T>): Promise<T> {
    if (closing) throw fault('database_unreachable', { reason: 'it is being closed' });
    const own = start();
    running.add(own);
    try {
      return await own;
    } finally {
      running.delete(own);
    }
  }

  return {
    read,
    transaction: (work) => tracked(() => transaction(work)),
    shared: (key, work) => tracked(() => groups.run(key, work)),
    onEvents(listener) {
      listeners.add(listener);
      stop ??= engine.onForeignEvents(tell);
      return () => listeners.delete(listener);
    },
    async close() {
      if (closing) return;
      closing = true;
      await Promise.allSettled(running);
      listeners.clear();
      stop?.();
      await engine.close();
    },
  };
}

/**
 * Holds appended events back until the transaction ends or reads them. Their order is that of commits only under a lock that lasts until
 * the commit: taken last, it is short, and no other lock is waited for behind it.
 */
function appendAtEnd(store: EventStore): { readonly events: EventStore; flush(): Promise<void>; readonly types: ReadonlySet<EventType> } {
  let waiting: NewEvent[] = [];
  const types = new Set<EventType>();
  async function flush(): Promise<void> {
    const events = waiting;
    waiting = [];
    if (events.length > 0) await store.append(events);
  }
  async function flushed(): Promise<EventStore> {
    await flush();
    return store;
  }
  return {
    flush,
    types,
    events: {
      async append(events) {
        waiting.push(...events);
        for (const { type } of events) types.add(type);
      },
      after: async (seq, limit) => (await flushed()).after(seq, limit),
      list: async (filter, page) => (await flushed()).list(filter, page),
      latest: async (filter) => (await flushed()).latest(filter),
      cursor: (reactor) => store.cursor(reactor),
      moveCursor: (reactor, from, to) => store.moveCursor(reactor, from, to),
    },
  };
}
