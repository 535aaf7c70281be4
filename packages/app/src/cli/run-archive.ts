import type { Command } from 'commander';
import type { Client } from '@pawl/client';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatBytes, plural } from './format.ts';
import { conflictOption } from './import-options.ts';
import type { ConflictPolicy } from './import-options.ts';

interface ExportOptions {
  readonly experiment?: string;
  readonly to: string;
}

interface ImportOptions {
  readonly experiment?: string;
  readonly newIds?: boolean;
  readonly onConflict: ConflictPolicy;
  readonly dryRun?: boolean;
  readonly verify: boolean;
}

export function addRunArchiveCommands(run: Command, context: Context): void {
  run
    .command('export')
    .description('Write runs into an archive, with their metrics, files and logged models')
    .argument('[run...]', 'ids')
    .option('--experiment <name>', 'all runs of this experiment, by name or number')
    .requiredOption('--to <path>', 'new folder, or a file whose name ends in .tar')
    .action(async (ids: readonly string[], { experiment, to }: ExportOptions) => {
      if ((ids.length === 0) === (experiment === undefined))
        throw new UsageError('Name the runs by id, or their experiment with --experiment.');
      const client = await context.client();
      const { writeArchive } = await import('./archive-write.ts');
      const archive = await writeArchive(
        context,
        client,
        experiment === undefined ? [...new Set(ids)] : await runsOf(client, experiment),
        to,
      );
      context.answer({ path: to, ...archive }, () => {
        const points = archive.runs.reduce((sum, one) => sum + one.points, 0);
        const { files, bytes } = archive.content;
        return `${to}: ${plural(archive.runs.length, 'run')}, ${plural(points, 'point')}, ${plural(files, 'file')} of ${formatBytes(bytes)}`;
      });
    });

  run
    .command('import')
    .description('Bring the runs of an archive in, under their own ids or new ones')
    .argument('<path>', 'folder or tar file that "pawl run export" wrote')
    .option('--experiment <name>', 'experiment of all of them; made when it is not there (default: those they were in, by name)')
    .option('--new-ids', 'as copies with ids of their own')
    .addOption(conflictOption('fail'))
    .option('--dry-run', 'tell what would come, and write nothing')
    .option('--no-verify', 'do not read back what came')
    .action(async (path: string, { experiment, newIds, dryRun = false, ...rest }: ImportOptions) => {
      const { openArchive } = await import('./archive-read.ts');
      const { bring } = await import('./import-run.ts');
      const whole = {
        ...rest,
        dryRun,
        prefix: '',
        byName: true,
        artifacts: true,
        artifactsDestination: undefined,
        moved: {},
        allow: [],
        checksum: false,
      };
      const salt = newIds === true ? `${context.server}\n${experiment ?? ''}` : undefined;
      await bring(
        context,
        (report) => openArchive(path, { report: report.problem, newIds: salt, oneExperiment: experiment !== undefined }),
        whole,
        experiment,
      );
    });
}

async function runsOf(client: Client, experiment: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await client.run.list({ experiment, limit: 1000, after });
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === undefined) return ids;
    after = page.next;
  }
}
