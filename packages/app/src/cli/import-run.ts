import { ApiError } from '@pawl/client';
import type { Client } from '@pawl/client';
import type { ImportSource } from '@pawl/core';
import type { Context } from './context.ts';
import { Failed } from './exit.ts';
import { importStore, TO_COME } from './import-mlflow.ts';
import type { ImportOptions } from './import-mlflow.ts';
import { createReport, isWhole, toAnswer, toText } from './import-report.ts';
import type { Report } from './import-report.ts';

/** Opens a store, copies it, and tells how that went. `experiment` names the one that all runs go to, for stores without any. */
export async function bring(
  context: Context,
  open: (report: Report) => Promise<ImportSource>,
  options: ImportOptions,
  experiment?: string,
): Promise<void> {
  const began = Date.now();
  const report = createReport();
  const source = await open(report);
  try {
    const client = await context.client();
    await importStore(
      context,
      client,
      source,
      options,
      report,
      experiment === undefined ? undefined : await toNumber(client, experiment, options.dryRun),
    );
    const summary = {
      source: source.name,
      kind: source.kind,
      dryRun: options.dryRun,
      leftOut: await source.leftOut(),
      milliseconds: Date.now() - began,
    };
    context.answer(toAnswer(report, summary), () => toText(report, summary, context.look));
  } finally {
    await source.close();
  }
  if (!isWhole(report)) throw new Failed();
}

/** A dry run makes no experiment. */
async function toNumber(client: Client, name: string, dryRun: boolean): Promise<number> {
  if (!dryRun) return (await client.experiment.create({ name })).id;
  try {
    return (await client.experiment.get({ experiment: name })).id;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return TO_COME;
    throw error;
  }
}
