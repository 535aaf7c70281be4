import type { Command } from 'commander';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { plural } from './format.ts';
import { addPair, collect } from './options.ts';

/** Which runs a command is about: ids, or what a search finds. */
interface SelectOptions {
  readonly experiment: readonly string[];
  readonly folder?: string;
  readonly filter?: string;
  readonly dryRun?: boolean;
}

type Texts = Readonly<Record<string, string>>;

function addSelection(command: Command): Command {
  return command
    .argument('[run...]', 'ids')
    .option('--experiment <name>', 'instead of ids: all runs of this experiment; repeat for more', collect, [])
    .option('--folder <folder>', 'instead of ids: all runs of the experiments in this folder and below')
    .option('--filter <filter>', 'with --experiment or --folder: only those like this, such as "metrics.f1 < 0.5"')
    .option('--dry-run', 'only tell what would happen');
}

/** A filter alone would be about every run there is: that must be said. */
function toSelection(runs: readonly string[], { experiment, folder, filter, dryRun }: SelectOptions, lifecycle: 'active' | 'deleted') {
  const searched = experiment.length > 0 || folder !== undefined;
  if (runs.length > 0 && (searched || filter !== undefined))
    throw new UsageError('Name runs by id, or by --experiment, --folder and --filter, not both.');
  if (runs.length === 0 && !searched)
    throw new UsageError('Name the runs by id, or by --experiment or --folder (--folder / is all there are).');
  const search = { experiments: experiment.length === 0 ? undefined : [...experiment], folder, filter, lifecycle };
  return { ...(searched ? { search } : { runs: [...runs] }), dry_run: dryRun };
}

/** Commands that change runs, one or many. */
export function addRunChangeCommands(run: Command, context: Context): void {
  const told = (verb: string, answer: { readonly changed: number; readonly runs: readonly string[] }, dry: boolean | undefined): void =>
    context.answer(answer, () => {
      const shown = answer.runs.slice(0, 20).map((id) => `  ${id}`);
      const more = answer.changed - shown.length;
      const head = `${dry === true ? `Would have ${verb.toLowerCase()}` : verb} ${plural(answer.changed, 'run')}`;
      return [head, ...shown, ...(more > 0 ? [`  and ${plural(more, 'more', 'more')}`] : [])].join('\n');
    });

  addSelection(
    run.command('move').description('Move runs to another experiment with all that was logged to them, and the runs nested in them'),
  )
    .requiredOption('--to <experiment>', 'number, name, or folder and name')
    .option('--no-children', 'leave the runs nested in them where they are')
    .action(async (runs: readonly string[], options: SelectOptions & { readonly to: string; readonly children: boolean }) => {
      const { to, children } = options;
      const answer = await (await context.client()).runs.move({ ...toSelection(runs, options, 'active'), to, children });
      told('Moved', answer, options.dryRun);
    });

  addSelection(run.command('delete').description('Put runs away; restore brings them back')).action(
    async (runs: readonly string[], options: SelectOptions) => {
      told('Deleted', await (await context.client()).runs.delete(toSelection(runs, options, 'active')), options.dryRun);
    },
  );

  addSelection(run.command('restore').description('Bring back runs that were deleted')).action(
    async (runs: readonly string[], options: SelectOptions) => {
      told('Restored', await (await context.client()).runs.restore(toSelection(runs, options, 'deleted')), options.dryRun);
    },
  );

  addSelection(run.command('tag').description('Set and remove tags of runs, also of those that have ended'))
    .option('--set <name=value>', 'tag to set; repeat for more', addPair)
    .option('--remove <name>', 'tag to remove; repeat for more', collect, [])
    .action(async (runs: readonly string[], options: SelectOptions & { readonly set?: Texts; readonly remove: readonly string[] }) => {
      const { set = {}, remove } = options;
      if (Object.keys(set).length + remove.length === 0) throw new UsageError('Name a tag: --set name=value, or --remove name.');
      const answer = await (await context.client()).runs.tag({ ...toSelection(runs, options, 'active'), set, remove: [...remove] });
      told('Tagged', answer, options.dryRun);
    });

  run
    .command('rename')
    .description('Rename a run')
    .argument('<run>', 'id')
    .argument('<name>', 'new name')
    .action(async (id: string, name: string) => {
      const renamed = await (await context.client()).run.rename({ run: id, name });
      context.answer(renamed, () => `Renamed run ${renamed.id} to ${renamed.name}`);
    });
}
