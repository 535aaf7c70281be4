import type { Command } from 'commander';
import type { Client } from '@pawl/client';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatTime, plural } from './format.ts';
import { addPageOptions, addPair, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { toFields } from './table.ts';
import { toTree } from './tree.ts';
import type { Branch } from './tree.ts';

type Experiment = Awaited<ReturnType<Client['experiment']['get']>>;

interface ListOptions extends PageOptions {
  readonly tree?: true;
  readonly all?: true;
  readonly deleted?: true;
}

/** What ends in a slash is a folder, anything else an experiment. */
const isFolder = (text: string): boolean => text.endsWith('/');
const bare = (folder: string): string => folder.replace(/^\/+|\/+$/g, '');
const WHAT = 'an experiment (number, name, or folder and name), or a folder with "/" at its end';

export function addExperimentCommands(experiment: Command, context: Context): void {
  addPageOptions(
    experiment
      .command('list')
      .description('List a folder: the folders and experiments in it')
      .argument('[folder]', 'folder (default: the root)', '')
      .option('--tree', 'draw all that is below it')
      .option('--all', 'list the experiments of all folders below it too')
      .option('--deleted', 'what is deleted instead'),
  ).action(async (text: string, options: ListOptions) => {
    const client = await context.client();
    const folder = bare(text);
    const lifecycle = options.deleted === true ? 'deleted' : 'active';
    if (options.tree === true) {
      const items = await everything(client, folder, lifecycle);
      return context.answer({ items }, () => (items.length === 0 ? 'No experiment here.' : toTree(toBranches(items, folder))));
    }
    const deep = options.all === true ? 'true' : 'false';
    const page = await client.experiment.list({ ...pageOf(options), folder, lifecycle, deep });
    // The folders come with the first page; there are few of them.
    const folders = options.all === true || options.after !== undefined ? [] : await foldersIn(client, folder, lifecycle);
    const rows: readonly (Experiment | { readonly folder: string; readonly experiments: number })[] = [...folders, ...page.items];
    const renamed = page.items.some((one) => bare(one.name) !== pathOf(one));
    context.table(
      { ...page, items: rows },
      [
        { title: 'ID', value: (row) => ('id' in row ? row.id : ''), align: 'right' },
        {
          title: 'NAME',
          value: (row) => ('id' in row ? (options.all === true ? pathOf(row) : row.label) : `${bare(row.folder.slice(folder.length))}/`),
          style: (row) => ('id' in row ? undefined : 'bold'),
        },
        ...(renamed ? [{ title: 'FULL NAME', value: (row: (typeof rows)[number]) => ('id' in row ? row.name : '') }] : []),
        { title: 'EXPERIMENTS', value: (row) => ('id' in row ? '' : row.experiments), align: 'right' },
        { title: 'CREATED', value: (row) => ('id' in row ? formatTime(row.created_at) : '') },
        { title: 'CHANGED', value: (row) => ('id' in row ? formatTime(row.updated_at) : '') },
      ],
      'No experiment here.',
    );
  });

  experiment
    .command('show')
    .description('Show an experiment')
    .argument('<experiment>', 'number, name, or folder and name')
    .action(async (which: string) => {
      const found = await (await context.client()).experiment.get({ experiment: which });
      context.answer(found, () => toText(found));
    });

  experiment
    .command('create')
    .description('Make an experiment; one of that name stays as it is')
    .argument('<name>', '"team/fraud/xgb" lies in the folder team/fraud')
    .option('--folder <folder>', 'where it lies (default: where its name says)')
    .option('--tag <name=value>', 'tag; repeat for more', addPair)
    .option('--artifact-location <uri>', 'store that clients write artifacts to by themselves')
    .action(
      async (
        name: string,
        options: { readonly folder?: string; readonly tag?: Readonly<Record<string, string>>; readonly artifactLocation?: string },
      ) => {
        const made = await (
          await context.client()
        ).experiment.create({
          name,
          folder: options.folder,
          tags: options.tag,
          artifact_location: options.artifactLocation,
        });
        context.answer(made, () => toText(made));
      },
    );

  const dryRun = (command: Command): Command => command.option('--dry-run', 'of a folder: only tell what would happen');
  const changed = (verb: string, answer: { readonly experiments: readonly Experiment[] }, dry: boolean): void =>
    context.answer(answer, () =>
      [
        `${dry ? `Would have ${verb.toLowerCase()}` : verb} ${plural(answer.experiments.length, 'experiment')}:`,
        ...answer.experiments.map((one) => `  ${one.id}  ${pathOf(one)}`),
      ].join('\n'),
    );

  dryRun(
    experiment
      .command('move')
      .description('Move an experiment or a folder into another folder; names stay, so that scripts find their experiment')
      .argument('<what>', WHAT)
      .argument('<folder>', 'where to; / for the root'),
  ).action(async (what: string, target: string, { dryRun: dry = false }: { readonly dryRun?: boolean }) => {
    const client = await context.client();
    if (isFolder(what)) {
      const name = bare(what).split('/').at(-1) ?? '';
      const to = [bare(target), name].filter((part) => part !== '').join('/');
      return changed('Moved', await client.experiment.moveFolder({ folder: what, to, dry_run: dry }), dry);
    }
    if (dry) throw new UsageError('--dry-run is for folders.');
    const moved = await client.experiment.move({ experiment: what, folder: target });
    context.answer(moved, () => `Moved experiment ${moved.id} to ${pathOf(moved)}`);
  });

  dryRun(
    experiment
      .command('rename')
      .description('Rename an experiment (scripts must then use the new name), or a folder')
      .argument('<what>', WHAT)
      .argument('<name>', 'new name'),
  ).action(async (what: string, name: string, { dryRun: dry = false }: { readonly dryRun?: boolean }) => {
    const client = await context.client();
    if (isFolder(what)) {
      if (bare(name).includes('/')) throw new UsageError(`"${name}" is no name of a folder; "pawl experiment move" moves one.`);
      const to = [...bare(what).split('/').slice(0, -1), bare(name)].join('/');
      return changed('Moved', await client.experiment.moveFolder({ folder: what, to, dry_run: dry }), dry);
    }
    if (dry) throw new UsageError('--dry-run is for folders.');
    const renamed = await client.experiment.rename({ experiment: what, name });
    context.answer(renamed, () => `Renamed experiment ${renamed.id} to ${renamed.name}`);
  });

  experiment
    .command('tag')
    .description('Set and remove tags of an experiment')
    .argument('<experiment>', 'number, name, or folder and name')
    .argument('[tags...]', 'name=value to set one, name= for an empty value')
    .option('--remove <name...>', 'tags to remove')
    .action(async (which: string, given: readonly string[], { remove = [] }: { readonly remove?: readonly string[] }) => {
      const set = given.reduce<Readonly<Record<string, string>>>((before, text) => addPair(text, before), {});
      if (given.length === 0 && remove.length === 0) throw new UsageError('Name a tag as name=value, or --remove one.');
      const tagged = await (await context.client()).experiment.tag({ experiment: which, set, remove: [...remove] });
      context.answer(tagged, () => toText(tagged));
    });

  dryRun(
    experiment
      .command('delete')
      .description('Put an experiment, or all of a folder, away with its runs; restore brings it back')
      .argument('<what>', WHAT),
  ).action(async (what: string, { dryRun: dry = false }: { readonly dryRun?: boolean }) => {
    const client = await context.client();
    if (isFolder(what)) return changed('Deleted', await client.experiment.deleteFolder({ folder: what, dry_run: dry }), dry);
    if (dry) throw new UsageError('--dry-run is for folders.');
    const deleted = await client.experiment.delete({ experiment: what });
    context.answer(deleted, () => `Deleted experiment ${deleted.id} with its runs; "pawl experiment restore ${deleted.id}" brings it back`);
  });

  dryRun(
    experiment
      .command('restore')
      .description('Bring back an experiment, or what was deleted with a folder, with its runs')
      .argument('<what>', WHAT),
  ).action(async (what: string, { dryRun: dry = false }: { readonly dryRun?: boolean }) => {
    const client = await context.client();
    if (isFolder(what)) return changed('Restored', await client.experiment.restoreFolder({ folder: what, dry_run: dry }), dry);
    if (dry) throw new UsageError('--dry-run is for folders.');
    const restored = await client.experiment.restore({ experiment: what });
    context.answer(restored, () => `Restored experiment ${restored.id} ${restored.name}`);
  });
}

const pathOf = ({ folder, label }: Experiment): string => (folder === '' ? label : `${folder}/${label}`);

function toText(one: Experiment): string {
  return toFields([
    ['Experiment', one.id],
    ['Name', one.name],
    ['Folder', `/${one.folder}`],
    ['State', one.lifecycle],
    ['Created', formatTime(one.created_at)],
    ['Changed', formatTime(one.updated_at)],
    ['Artifacts', one.artifact_location],
    ...Object.entries(one.tags).map(([key, value]): [string, string] => [`Tag ${key}`, value]),
  ]);
}

async function foldersIn(client: Client, folder: string, lifecycle: 'active' | 'deleted') {
  const { items } = await import('@pawl/client');
  return collect(items((cursor) => client.experiment.folders({ folder, lifecycle, limit: 1000, ...cursor })));
}

async function everything(client: Client, folder: string, lifecycle: 'active' | 'deleted'): Promise<readonly Experiment[]> {
  const { items } = await import('@pawl/client');
  return collect(items((cursor) => client.experiment.list({ folder, lifecycle, deep: 'true', limit: 1000, ...cursor })));
}

async function collect<Item>(source: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of source) all.push(item);
  return all;
}

interface Node {
  readonly below: Map<string, Node>;
  readonly experiments: Experiment[];
}

/** Folders first, each with what is in it, then experiments, all by name. */
function toBranches(experiments: readonly Experiment[], folder: string): Branch {
  const top: Node = { below: new Map(), experiments: [] };
  for (const one of experiments) {
    let node = top;
    for (const name of bare(one.folder.slice(folder.length)).split('/')) {
      if (name === '') continue;
      const next = node.below.get(name) ?? { below: new Map(), experiments: [] };
      node.below.set(name, next);
      node = next;
    }
    node.experiments.push(one);
  }
  return toBranch(`/${folder}`, top);
}

function toBranch(text: string, { below, experiments }: Node): Branch {
  const byName =
    <Named>(named: (each: Named) => string) =>
    (a: Named, b: Named): number =>
      named(a) < named(b) ? -1 : 1;
  return {
    text,
    under: [
      ...[...below].toSorted(byName(([name]) => name)).map(([name, node]) => toBranch(`${name}/`, node)),
      ...experiments.toSorted(byName(({ label }) => label)).map(({ id, label }) => ({ text: `${label} (${id})` })),
    ],
  };
}
