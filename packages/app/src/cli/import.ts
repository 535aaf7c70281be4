import { Option } from 'commander';
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { Failed } from './exit.ts';
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

export function addImportCommands(command: Command, context: Context): void {
  command
    .command('mlflow')
    .description('Copy an MLflow store: experiments, runs with all of their history, files, logged models and the registry')
    .argument('<store>', 'folder of a file store (mlruns), sqlite:///mlflow.db, or postgresql://…: what the server was started with')
    .addOption(
      new Option('--on-conflict <what>', 'what is done about a record that is there and differs')
        .choices(['fail', 'skip', 'update'])
        .default('fail'),
    )
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
      const began = Date.now();
      const { openMlflow } = await import('@pawl/drivers');
      const { createReport, isWhole, toAnswer, toText } = await import('./import-report.ts');
      const { importStore } = await import('./import-mlflow.ts');
      const report = createReport();
      const source = await openMlflow(uri, { report: report.problem, workspace: options.workspace });
      try {
        const client = await context.client();
        const { dryRun = false, checksum = false, artifactsDestination, moved = {}, allow = [], ...rest } = options;
        await importStore(context, client, source, { ...rest, dryRun, checksum, artifactsDestination, moved, allow }, report);
        const summary = {
          source: source.name,
          kind: source.kind,
          dryRun,
          leftOut: await source.leftOut(),
          milliseconds: Date.now() - began,
        };
        context.answer(toAnswer(report, summary), () => toText(report, summary, context.look));
      } finally {
        await source.close();
      }
      if (!isWhole(report)) throw new Failed();
    });
}
