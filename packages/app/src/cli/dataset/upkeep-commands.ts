import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { Failed } from '../exit.ts';
import { formatBytes, formatTime, plural } from '../format.ts';
import { toLength, toWhole } from '../options.ts';
import { toTable } from '../table.ts';
import { toVersion } from './view.ts';

const READ_MS = 60 * 60_000;

/** Looking after what is stored. */
export function addUpkeepCommands(data: Command, context: Context): void {
  data
    .command('verify')
    .description('Read every file of a version on the server, and name those that are damaged')
    .argument('<name[:version]>', 'the latest when no version is named')
    .argument('[path]', 'only the files at this path and below it', '')
    .action(async (text: string, under: string) => {
      const client = await context.client();
      const { dataset, version } = await client.dataset.version(toVersion(text));
      const found = await client.dataset.verify({ dataset, version, under }, { signal: context.signal, timeoutMs: READ_MS });
      context.answer(found, () => {
        const whole = `${plural(found.files, 'file')}, ${formatBytes(found.bytes)}`;
        if (found.damaged.length === 0) return `${dataset}:${version} is intact: ${whole}`;
        const columns = [
          { title: 'FILE', value: (one: { path: string }) => one.path },
          { title: 'PROBLEM', value: (one: { problem: string }) => one.problem },
        ];
        return `${plural(found.damaged.length, 'file')} of ${dataset}:${version} damaged; adding the same files again mends them\n${toTable(found.damaged, columns, context.look)}`;
      });
      if (found.damaged.length > 0) throw new Failed();
    });

  data
    .command('gc')
    .description('Give up the content of old versions that nothing refers to, and free the room')
    .argument('<name>', 'dataset')
    .requiredOption('--keep <count>', 'the newest so many versions of each branch stay', toWhole)
    .option('--older-than <length>', 'only versions at least this old, such as 30d', toLength)
    .option('--grace <length>', 'content sent or asked for within this time stays (default: 1d)', toLength)
    .option('--dry-run', 'tell what would go, and remove nothing')
    .addHelpText(
      'after',
      '\nWhat a run, a model, a pipeline, a gate, a tag, a branch or a merge refers to stays. "pawl gc" alone frees what no version ever named.',
    )
    .action(async (dataset: string, options: { keep: number; olderThan?: number; grace?: number; dryRun?: boolean }) => {
      const client = await context.client();
      const dryRun = options.dryRun === true;
      const { expired, held } = await client.dataset.expire({
        dataset,
        keep: options.keep,
        older_than_ms: options.olderThan,
        dry_run: dryRun,
      });
      if (!dryRun && expired.length > 0) await client.gc.start({ grace_ms: options.grace });
      context.answer({ expired, held, dry_run: dryRun }, () => {
        const rows = [
          ...expired.map((version) => ({ version, stays: '' })),
          ...held.map(({ version, by }) => ({ version, stays: `${by.kind} ${by.id}` })),
        ];
        if (rows.length === 0) return 'Nothing is old enough to go.';
        const table = toTable(
          rows,
          [
            { title: 'VERSION', value: (one) => one.version.version, align: 'right' },
            { title: 'BRANCH', value: (one) => one.version.branch },
            { title: 'CREATED', value: (one) => formatTime(one.version.created_at) },
            { title: 'SIZE', value: (one) => formatBytes(one.version.bytes), align: 'right' },
            { title: dryRun ? 'WOULD GO' : 'GONE', value: (one) => (one.stays === '' ? 'yes' : 'no') },
            { title: 'BECAUSE OF', value: (one) => one.stays },
          ],
          context.look,
        );
        const after = dryRun ? 'This was a dry run: nothing was removed.' : 'The room is being freed; see "pawl gc list".';
        return `${table}\n${expired.length === 0 && !dryRun ? 'Nothing went.' : after}`;
      });
    });
}
