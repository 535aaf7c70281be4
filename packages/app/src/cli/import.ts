import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import type { ImportSource } from '@pawl/core';
import type { Context } from './context.ts';
import { conflictOption } from './import-options.ts';
import type { ConflictPolicy } from './import-options.ts';
import type { Report } from './import-report.ts';
import { addPair } from './options.ts';

interface MlflowOptions {
  readonly onConflict: ConflictPolicy;
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
  readonly onConflict: ConflictPolicy;
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
      const { bring } = await import('./import-run.ts');
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
      const { bring } = await import('./import-run.ts');
      const name = experiment ?? basename(resolve(folder));
      const open = (report: Report): Promise<ImportSource> =>
        openTensorboard(folder, { report: report.problem, note: report.note, experiment: name });
      const whole = { ...rest, dryRun, prefix: '', artifactsDestination: undefined, moved: {}, allow: [], checksum: false };
      await bring(context, open, whole, name);
    });
}
