import { basename, resolve } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Client } from '@pawl/client';
import type { ImportSource } from '@pawl/core';
import type { Context } from './context.ts';
import { Failed } from './exit.ts';
import type { ImportOptions } from './import-mlflow.ts';
import type { Report } from './import-report.ts';
import { addPair } from './options.ts';

interface MlflowOptions {
  readonly onConflict: 'fail' | 'skip' | 'update';
  readonly dryRun?: boolean;
  readonly prefix: string;
  readonly artifacts: boolean;
  readonly artifactsDestination?: string;
  readonly moved?: Readonly<Record<string, string>>;
  readonly allow?: readonly string[];
  readonly checksum?: boolean;
  readonly verify: boolean;
  readonly workspace: string;
}

interface TensorboardOptions {
  readonly experiment?: string;
  readonly onConflict: 'fail' | 'skip' | 'update';
  readonly dryRun?: boolean;
  readonly artifacts: boolean;
  readonly verify: boolean;
}

export function addImportCommands(command: Command, context: Context): void {
  command
    .command('mlflow')
    .description('Copy an MLflow store: experiments, runs with all of their history, files, logged models and the registry')
    .argument('<store>', 'folder of a file store (mlruns), sqlite:///mlflow.db, or postgresql://…: what the server was started with')
    .addOption(conflictOption('fail'))
    .option('--dry-run', 'tell what would come, and write nothing')
    .option('--prefix <text>', 'put before the names of experiments and models, which then come beside those that are there', '')
    .option(
      '--artifacts-destination <folder|uri>',
      'where the server behind mlflow-artifacts: keeps its files (default: mlartifacts beside the store)',
    )
    .option('--moved <old=new>', 'what a beginning of file URIs is now; repeat for more', addPair)
    .option('--allow <folder>', 'read files from here too; repeat for more', (folder: string, before: readonly string[] | undefined) => [
      ...(before ?? []),
      folder,
    ])
    .option('--no-artifacts', 'leave files out; a later import without this brings them')
    .option('--checksum', 'read files again that are there under the same path and size')
    .option('--no-verify', 'do not read back what came')
    .option('--workspace <name>', 'of a database with several workspaces', 'default')
    .action(async (uri: string, options: MlflowOptions) => {
      const { openMlflow } = await import('@pawl/drivers');
      const { dryRun = false, checksum = false, artifactsDestination, moved = {}, allow = [], workspace, ...rest } = options;
      const whole = { ...rest, dryRun, checksum, artifactsDestination, moved, allow };
      await bring(context, (report) => openMlflow(uri, { report: report.problem, workspace }), whole);
    });

  command
    .command('tensorboard')
    .description('Copy the scalars, hyperparameters, texts and images of TensorBoard logs: each folder with event files becomes a run')
    .argument('<folder>', 'the log directory')
    .option('--experiment <name>', 'experiment of the runs; made when it is not there (default: the name of the folder)')
    .addOption(conflictOption('update'))
    .option('--dry-run', 'tell what would come, and write nothing')
    .option('--no-artifacts', 'leave texts and images out')
    .option('--no-verify', 'do not read back what came')
    .action(async (folder: string, { experiment, dryRun = false, ...rest }: TensorboardOptions) => {
      const { openTensorboard } = await import('@pawl/drivers');
      const name = experiment ?? basename(resolve(folder));
      const open = (report: Report): Promise<ImportSource> =>
        openTensorboard(folder, { report: report.problem, note: report.note, experiment: name });
      const whole = { ...rest, dryRun, prefix: '', artifactsDestination: undefined, moved: {}, allow: [], checksum: false };
      await bring(context, open, whole, name);
    });
}

const conflictOption = (usual: ImportOptions['onConflict']): Option =>
  new Option('--on-conflict <what>', 'what is done about a record that is there and differs')
    .choices(['fail', 'skip', 'update'])
    .default(usual);

/** Opens a store, copies it, and tells how that went. `experiment` names the one that all runs go to, for stores without any. */
async function bring(
  context: Context,
  open: (report: Report) => Promise<ImportSource>,
  options: ImportOptions,
  experiment?: string,
): Promise<void> {
  const began = Date.now();
  const { createReport, isWhole, toAnswer, toText } = await import('./import-report.ts');
  const { importStore } = await import('./import-mlflow.ts');
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

/** A dry run makes no experiment: its runs are looked for by their ids alone. */
async function toNumber(client: Client, name: string, dryRun: boolean): Promise<number> {
  return dryRun ? 0 : (await client.experiment.create({ name })).id;
}
