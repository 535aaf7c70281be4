import { fault } from '@pawl/core';
import type { Metric, RunRecord } from '@pawl/core';
import { putArtifacts } from './artifact.ts';
import { toChunks } from './chunks.ts';
import type { Sql } from './context.ts';

interface TextTable {
  readonly run: string;
  readonly key: string;
  readonly value: string;
}

export interface RunRecordTables {
  readonly run_param: TextTable;
  readonly run_tag: TextTable;
  readonly run_input: { readonly run: string; readonly dataset: string; readonly version: number; readonly role: string };
  readonly run_metric: {
    readonly run: string;
    readonly key: string;
    readonly step: number;
    readonly time: number;
    /** 0 where `nan` is 1: SQLite turns NaN into NULL, and a key must compare equal to itself. */
    readonly value: number;
    readonly nan: number;
  };
}

/** Adds what is new of a run that is there; see `RunStore.record`. */
export async function recordRun(sql: Sql, run: string, what: RunRecord): Promise<void> {
  const { db } = sql;
  for (const rows of toChunks(toTexts(run, what.params), 3)) {
    await db
      .insertInto('run_param')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  for (const rows of toChunks(toTexts(run, what.tags), 3)) {
    await db
      .insertInto('run_tag')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['run', 'key']).doUpdateSet((eb) => ({ value: eb.ref('excluded.value') })))
      .execute();
  }
  const inputs = (what.inputs ?? []).map(({ dataset, version, role }) => ({ run, dataset, version, role }));
  for (const rows of toChunks(inputs, 4)) {
    await db
      .insertInto('run_input')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const metrics = (what.metrics ?? []).map((metric) => toMetricRow(run, metric));
  for (const rows of toChunks(metrics, 6)) {
    await db
      .insertInto('run_metric')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await putArtifacts(sql, `run/${run}`, what.artifacts ?? []);
}

function toTexts(run: string, texts: Readonly<Record<string, string>> = {}): TextTable[] {
  return Object.entries(texts).map(([key, value]) => ({ run, key, value }));
}

function toMetricRow(run: string, { key, value, step, time }: Metric): RunRecordTables['run_metric'] {
  for (const [name, whole] of Object.entries({ step, time })) {
    if (!Number.isSafeInteger(whole)) {
      throw fault('invalid_input', {
        where: `metric "${key}"`,
        problem: `its ${name} ${whole} is not a whole number of at most 2^53 - 1.`,
      });
    }
  }
  return Number.isNaN(value) ? { run, key, step, time, value: 0, nan: 1 } : { run, key, step, time, value, nan: 0 };
}
