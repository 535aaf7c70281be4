import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { formatBytes, formatTime, shortDigest } from '../format.ts';
import { addPageOptions, pageOf } from '../options.ts';
import type { PageOptions } from '../options.ts';
import { VERSIONS, toVersion, toVersionText } from './view.ts';

/** Datasets and what their versions are. */
export function addVersionCommands(data: Command, context: Context): void {
  addPageOptions(data.command('list').description('List datasets')).action(async (options: PageOptions) => {
    const page = await (await context.client()).dataset.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'NAME', value: (one) => one.name },
        { title: 'CREATED', value: (one) => formatTime(one.created_at) },
      ],
      'No dataset yet; add one with "pawl data add NAME PATH".',
    );
  });

  addPageOptions(
    data
      .command('log')
      .description('List the versions of a dataset, newest first')
      .argument('<name>', 'dataset')
      .option('-b, --branch <name>', 'only those of this branch'),
  ).action(async (name: string, { branch, ...options }: PageOptions & { branch?: string }) => {
    const page = await (await context.client()).dataset.versions({ dataset: name, branch, ...pageOf(options) });
    context.table(page, VERSIONS, 'No version yet.');
  });

  data
    .command('show')
    .description('Show a version, its tables, the checks it went through, and what was made with it')
    .argument('<name[:version]>', 'the latest when no version is named')
    .action(async (text: string) => {
      const client = await context.client();
      const version = await client.dataset.version(toVersion(text));
      const ref = { dataset: version.dataset, version: version.version };
      const [{ items: checks }, { items: uses }] = await Promise.all([
        client.dataset.checks(ref),
        client.dataset.uses({ ...ref, limit: 20 }),
      ]);
      context.answer({ ...version, uses }, () => toVersionText(version, checks, uses, context.look));
    });

  addPageOptions(
    data
      .command('files')
      .description('List the files of a version')
      .argument('<name[:version]>', 'the latest when no version is named')
      .argument('[path]', 'only those at this path and below it', ''),
  ).action(async (text: string, under: string, options: PageOptions) => {
    const client = await context.client();
    const version = await client.dataset.version(toVersion(text));
    const ref = { dataset: version.dataset, version: version.version, under };
    const page =
      options.limit === undefined && options.after === undefined
        ? { items: await allFiles((after) => client.dataset.files({ ...ref, limit: 1000, after })) }
        : await client.dataset.files({ ...ref, ...pageOf(options) });
    context.table(
      page,
      [
        { title: 'PATH', value: (entry) => entry.path },
        { title: 'SIZE', value: (entry) => formatBytes(entry.size), align: 'right' },
        { title: 'MODE', value: (entry) => entry.mode.toString(8).padStart(3, '0') },
        { title: 'DIGEST', value: (entry) => shortDigest(entry.digest) },
      ],
      'No file.',
    );
  });
}

async function allFiles<Entry>(
  list: (after: string | undefined) => Promise<{ readonly items: readonly Entry[]; readonly next?: string }>,
): Promise<readonly Entry[]> {
  const items: Entry[] = [];
  for (let after: string | undefined; ;) {
    const page = await list(after);
    items.push(...page.items);
    if (page.next === undefined) return items;
    after = page.next;
  }
}
