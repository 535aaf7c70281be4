import type { ArmName, PredictionRecord, PredictionStore, StoredPrediction } from '@pawl/core';
import { sql as raw } from 'kysely';
import type { Generated, Selectable } from 'kysely';
import { toChunks } from './chunks.ts';
import { fromJson } from './context.ts';
import type { Sql } from './context.ts';
import { createLabels } from './label.ts';
import type { LabelTables } from './label.ts';
import { toStorable } from './text.ts';

interface PredictionTable {
  readonly seq: Generated<number>;
  readonly id: string;
  readonly row_index: number;
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
  readonly rollout: string | null;
  readonly arm: ArmName;
  readonly candidate_weight: number | null;
  readonly key_hash: string | null;
  readonly request_id: string | null;
  readonly time: number;
  readonly latency_ms: number;
  readonly code: string;
  readonly decided: number | null;
  readonly inputs: string;
  readonly outputs: string;
}

export interface PredictionTables extends LabelTables {
  readonly prediction: PredictionTable;
  readonly spool_position: { readonly spool: string; readonly position: string };
}

/**
 * Key of the advisory lock under which predictions and labels get their numbers, so that numbers grow in the order of commits. It also
 * makes a prediction and its label, written at the same time, see each other: without it both could miss the other and the label wait for ever.
 */
const PREDICTION_LOCK = 7_295_503;

export function createPredictionStore(sql: Sql): PredictionStore {
  const { db, engine } = sql;
  const labels = createLabels(sql);

  async function lock(): Promise<void> {
    if (engine === 'postgres') await raw`select pg_advisory_xact_lock(${raw.lit(PREDICTION_LOCK)})`.execute(db);
  }

  return {
    async get(id) {
      return (await db.selectFrom('prediction').selectAll().where('id', '=', id).orderBy('row_index').execute()).map(toPrediction);
    },

    async after(seq, limit) {
      return (await db.selectFrom('prediction').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit).execute()).map(toPrediction);
    },

    async labelsAfter(seq, limit) {
      const rows = await labels.after(seq, limit);
      return rows.map(({ label, row }) => ({ label, prediction: toPrediction(row) }));
    },

    label: labels.get,

    async count(endpoint) {
      const { predictions } = await db
        .selectFrom('prediction')
        .select(({ fn }) => fn.countAll<number>().as('predictions'))
        .where('endpoint', '=', endpoint)
        .executeTakeFirstOrThrow();
      return { predictions, ...(await labels.count(endpoint)) };
    },

    async spoolPosition(spool) {
      const row = await db.selectFrom('spool_position').select('position').where('spool', '=', spool).executeTakeFirst();
      return row?.position;
    },

    async insert(records) {
      if (records.length === 0) return;
      await lock();
      for (const chunk of toChunks(records, 16)) {
        const added = await db
          .insertInto('prediction')
          .values(chunk.map(fromPrediction))
          .onConflict((conflict) => conflict.doNothing())
          .returning(['id', 'row_index', 'endpoint'])
          .execute();
        await labels.join(added);
      }
    },

    async putLabels(given) {
      if (given.length === 0) return;
      await lock();
      await labels.put(given);
    },

    async setSpoolPosition(spool, position) {
      await db
        .insertInto('spool_position')
        .values({ spool, position })
        .onConflict((conflict) => conflict.column('spool').doUpdateSet({ position }))
        .execute();
    },
  };
}

function fromPrediction(record: PredictionRecord): Omit<PredictionTable, 'seq'> {
  return {
    id: record.id,
    row_index: record.row,
    endpoint: record.endpoint,
    model: record.model,
    version: record.version,
    rollout: record.rollout,
    arm: record.arm,
    candidate_weight: record.candidateWeight,
    key_hash: record.keyHash,
    request_id: record.requestId === null ? null : toStorable(record.requestId),
    time: record.time,
    latency_ms: record.latencyMs,
    code: record.code,
    // A spool written by an earlier version does not have it.
    decided: (record.decided ?? null) === null ? null : Number(record.decided),
    // A cell that is NaN or infinite is a missing value: JSON makes it null.
    inputs: JSON.stringify(record.inputs),
    outputs: JSON.stringify(record.outputs),
  };
}

function toPrediction(row: Selectable<PredictionTable>): StoredPrediction {
  return {
    seq: row.seq,
    id: row.id,
    row: row.row_index,
    endpoint: row.endpoint,
    model: row.model,
    version: row.version,
    rollout: row.rollout,
    arm: row.arm,
    candidateWeight: row.candidate_weight,
    keyHash: row.key_hash,
    requestId: row.request_id,
    time: row.time,
    latencyMs: row.latency_ms,
    code: row.code,
    decided: row.decided === null ? null : row.decided === 1,
    inputs: fromJson(row.inputs),
    outputs: fromJson(row.outputs),
  };
}
