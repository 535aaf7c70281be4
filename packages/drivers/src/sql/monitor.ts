import type { Digest, MonitorBucket, MonitorSpec, MonitorStore, MonitorWindow } from '@pawl/core';
import { fromJson, toJson } from './context.ts';
import type { Sql } from './context.ts';
import { inserted, updated } from './outcome.ts';

interface MonitorSpecTable {
  readonly name: string;
  readonly spec: string;
}

interface MonitorReferenceTable {
  readonly monitor: string;
  readonly version: number;
  readonly profile: string;
  readonly rows: number;
}

interface MonitorBucketTable {
  readonly monitor: string;
  readonly version: number;
  readonly start: number;
  readonly rows: number;
  readonly histograms: string;
  readonly quality: string;
  readonly revision: number;
}

interface MonitorWindowTable {
  readonly monitor: string;
  readonly version: number;
  readonly start: number;
  readonly until: number;
  readonly rows: number;
  readonly status: MonitorWindow['status'];
  readonly drift: string;
  readonly quality: string;
  readonly revised: number;
}

interface MonitorDetectorTable {
  readonly monitor: string;
  readonly version: number;
  readonly detector: string;
  readonly state: string;
  readonly revision: number;
}

export interface MonitorTables {
  readonly monitor_spec: MonitorSpecTable;
  readonly monitor_reference: MonitorReferenceTable;
  readonly monitor_bucket: MonitorBucketTable;
  readonly monitor_window: MonitorWindowTable;
  readonly monitor_detector: MonitorDetectorTable;
}

export function createMonitorStore({ db }: Sql): MonitorStore {
  return {
    async spec(name) {
      const row = await db.selectFrom('monitor_spec').selectAll().where('name', '=', name).executeTakeFirst();
      return row && fromJson<MonitorSpec>(row.spec);
    },
    async specs() {
      return (await db.selectFrom('monitor_spec').selectAll().orderBy('name').execute()).map((row) => fromJson<MonitorSpec>(row.spec));
    },
    async reference(monitor, version) {
      const row = await db
        .selectFrom('monitor_reference')
        .selectAll()
        .where('monitor', '=', monitor)
        .where('version', '=', version)
        .executeTakeFirst();
      return row && { ...row, profile: row.profile as Digest };
    },
    async buckets(monitor, version, from, until) {
      const rows = await db
        .selectFrom('monitor_bucket')
        .selectAll()
        .where('monitor', '=', monitor)
        .where('version', '=', version)
        .where('start', '>=', from)
        .where('start', '<', until)
        .orderBy('start')
        .execute();
      return rows.map(toBucket);
    },
    bucketRevisions: (monitor, version, from, until) =>
      db
        .selectFrom('monitor_bucket')
        .select(['start', 'revision'])
        .where('monitor', '=', monitor)
        .where('version', '=', version)
        .where('start', '>=', from)
        .where('start', '<', until)
        .orderBy('start')
        .execute()
        .then((rows) => rows.map((row) => ({ ...row }))),
    async windows(monitor, version, limit) {
      let query = db.selectFrom('monitor_window').selectAll().where('monitor', '=', monitor);
      if (version !== undefined) query = query.where('version', '=', version);
      const rows = await query.orderBy('start', 'desc').orderBy('version', 'desc').limit(limit).execute();
      return rows.map(toWindow);
    },
    async detector(monitor, version, detector) {
      const row = await db
        .selectFrom('monitor_detector')
        .selectAll()
        .where('monitor', '=', monitor)
        .where('version', '=', version)
        .where('detector', '=', detector)
        .executeTakeFirst();
      return row && { ...row, state: fromJson(row.state) };
    },
    async putSpec(monitor) {
      const spec = toJson(monitor);
      await db
        .insertInto('monitor_spec')
        .values({ name: monitor.name, spec })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ spec }))
        .execute();
    },
    async putReference({ monitor, version, profile, rows }) {
      await db
        .insertInto('monitor_reference')
        .values({ monitor, version, profile, rows })
        .onConflict((conflict) => conflict.columns(['monitor', 'version']).doUpdateSet({ profile, rows }))
        .execute();
    },
    async putBucket({ monitor, version, start, rows, revision, ...sums }, expectedRevision) {
      const values = { rows, histograms: toJson(sums.histograms), quality: toJson(sums.quality) };
      if (expectedRevision === null) {
        const row = { monitor, version, start, ...values, revision };
        return inserted(
          await db
            .insertInto('monitor_bucket')
            .values(row)
            .onConflict((conflict) => conflict.doNothing())
            .execute(),
        );
      }
      return updated(
        await db
          .updateTable('monitor_bucket')
          .set({ ...values, revision: expectedRevision + 1 })
          .where('monitor', '=', monitor)
          .where('version', '=', version)
          .where('start', '=', start)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
    async putWindow(window) {
      const { monitor, version, start, ...values } = fromWindow(window);
      await db
        .insertInto('monitor_window')
        .values({ monitor, version, start, ...values })
        .onConflict((conflict) => conflict.columns(['monitor', 'version', 'start']).doUpdateSet(values))
        .execute();
    },
    async putDetector({ monitor, version, detector, revision, ...rest }, expectedRevision) {
      const state = toJson(rest.state);
      if (expectedRevision === null) {
        const row = { monitor, version, detector, state, revision };
        return inserted(
          await db
            .insertInto('monitor_detector')
            .values(row)
            .onConflict((conflict) => conflict.doNothing())
            .execute(),
        );
      }
      return updated(
        await db
          .updateTable('monitor_detector')
          .set({ state, revision: expectedRevision + 1 })
          .where('monitor', '=', monitor)
          .where('version', '=', version)
          .where('detector', '=', detector)
          .where('revision', '=', expectedRevision)
          .execute(),
      );
    },
  };
}

function toBucket(row: MonitorBucketTable): MonitorBucket {
  return { ...row, histograms: fromJson(row.histograms), quality: fromJson(row.quality) };
}

function fromWindow({ end, drift, quality, revised, ...rest }: MonitorWindow): MonitorWindowTable {
  const { monitor, version, start, rows, status } = rest;
  return {
    monitor,
    version,
    start,
    until: end,
    rows,
    status,
    drift: toJson(drift),
    quality: toJson(quality),
    revised: revised ? 1 : 0,
  };
}

function toWindow({ until, drift, quality, revised, ...rest }: MonitorWindowTable): MonitorWindow {
  return { ...rest, end: until, drift: fromJson(drift), quality: fromJson(quality), revised: revised === 1 };
}
