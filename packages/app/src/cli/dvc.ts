import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { toVersion } from './dataset/view.ts';
import type { DvcOut } from './dvc-repository.ts';
import { UsageError } from './exit.ts';
import { unwritable } from './fail.ts';
import { formatBytes, plural } from './format.ts';
import { toTable } from './table.ts';
import type { Column } from './table.ts';

/** What reads repositories and their YAML is loaded with the first command that does: adding a folder must start fast. */
export function addDvcCommands(data: Command, context: Context): void {
  data
    .command('import-dvc')
    .description('Copy what a repository of DVC tracks, from its cache, as versions of datasets')
    .argument('<repository>', 'folder that holds .dvc')
    .argument('[outputs...]', 'paths of outputs; all of them when none is named')
    .option('--dataset <name>', 'name of the dataset, for one output; else its path gives the name')
    .option('--dry-run', 'only say what would be copied')
    .action(async (path: string, wanted: readonly string[], options: { dataset?: string; dryRun?: boolean }) => {
      const { findOuts, objectPath, openDvcRepository, toDatasetName } = await import('./dvc-repository.ts');
      const { pushOut } = await import('./dvc-transfer.ts');
      const repository = await openDvcRepository(path);
      const outs = chooseOuts(await findOuts(repository), wanted);
      if (options.dataset !== undefined && outs.length !== 1)
        throw new UsageError(`--dataset is for one output, and these are ${outs.length}: name one.`);
      const plan = outs.map((out) => ({ out, dataset: options.dataset ?? toDatasetName(out.path) }));
      if (options.dryRun === true) {
        const rows = plan.map(({ out, dataset }) => ({
          dataset,
          path: out.path,
          md5: out.md5,
          cached: existsSync(objectPath(repository, out.md5, out.legacy)),
        }));
        context.answer({ outputs: rows }, () => toTable(rows, PLAN, context.look));
        return;
      }
      const client = await context.client();
      const imported: Imported[] = [];
      for (const { out, dataset } of plan) {
        const sent = await pushOut(context, client, repository, dataset, out);
        const { version, created } = await client.dvc.adopt(
          {
            dataset,
            name: out.md5,
            legacy: out.legacy,
            path: basename(out.path),
            message: `Imported from DVC: ${out.path} (${out.source})`,
          },
          { signal: context.signal },
        );
        imported.push({ path: out.path, md5: out.md5, ref: version.ref, created, files: version.files, bytes: version.bytes, sent });
      }
      context.answer({ imported }, () => toTable(imported, IMPORTED, context.look));
    });

  data
    .command('export-dvc')
    .description("Write a version into a DVC repository's cache, with the .dvc file that names it")
    .argument('<name[:version]>', 'the latest when no version is named')
    .argument('<path>', 'where the output is to be, in a repository of DVC')
    .option('--file', 'write the only file of the version as a file, not as a directory with one file')
    .action(async (text: string, path: string, options: { file?: boolean }) => {
      const target = resolve(path);
      const asked = toVersion(text);
      const { openDvcRepository, toDvcFile } = await import('./dvc-repository.ts');
      const { fetchObjects, findRoot, ignore } = await import('./dvc-transfer.ts');
      const repository = await openDvcRepository(await findRoot(target, path));
      const client = await context.client();
      const version = await client.dataset.version(asked);
      const { dataset } = version;
      const published = await client.dvc.publish({ dataset, version: version.version }, { signal: context.signal });
      const [only] = published.files;
      const single = options.file === true;
      if (single && (published.files.length !== 1 || only === undefined))
        throw new UsageError(`${version.ref} has ${plural(published.files.length, 'file')}: --file is for a version with one.`);
      const wanted = new Map(published.files.map((file) => [file.md5, file.size]));
      const fetched = await fetchObjects(context, repository, dataset, single ? wanted : new Map([...wanted, [published.md5, 0]]));
      const out =
        single && only !== undefined
          ? { md5: only.md5, size: only.size, files: null }
          : { md5: published.md5, size: published.size, files: published.files.length };
      const dvcFile = `${target}.dvc`;
      await writeFile(dvcFile, toDvcFile({ ...out, path: basename(target) })).catch(async (error: unknown) =>
        Promise.reject(await unwritable(dvcFile, error)),
      );
      await ignore(target);
      const shown = relative(process.cwd(), dvcFile);
      context.answer({ ref: version.ref, file: dvcFile, ...out, fetched }, () =>
        [
          `${version.ref} is in ${shown} (${out.md5}); ${plural(fetched, 'object')} fetched into the cache`,
          `Next: dvc checkout ${shown}`,
        ].join('\n'),
      );
    });
}

interface Imported {
  readonly path: string;
  readonly md5: string;
  readonly ref: string;
  readonly created: boolean;
  readonly files: number;
  readonly bytes: number;
  /** Objects that the server lacked. */
  readonly sent: number;
}

interface Planned {
  readonly dataset: string;
  readonly path: string;
  readonly md5: string;
  readonly cached: boolean;
}

const PLAN: readonly Column<Planned>[] = [
  { title: 'DATASET', value: (one) => one.dataset },
  { title: 'OUTPUT', value: (one) => one.path },
  { title: 'MD5', value: (one) => one.md5 },
  { title: 'IN CACHE', value: (one) => (one.cached ? 'yes' : 'no: run "dvc fetch"') },
];

const IMPORTED: readonly Column<Imported>[] = [
  { title: 'VERSION', value: (one) => (one.created ? one.ref : `${one.ref} (there already)`) },
  { title: 'OUTPUT', value: (one) => one.path },
  { title: 'FILES', value: (one) => one.files, align: 'right' },
  { title: 'SIZE', value: (one) => formatBytes(one.bytes), align: 'right' },
  { title: 'SENT', value: (one) => plural(one.sent, 'object'), align: 'right' },
];

function chooseOuts(outs: readonly DvcOut[], wanted: readonly string[]): readonly DvcOut[] {
  if (outs.length === 0) throw new UsageError('The repository tracks no output with a hash: there is nothing to import.');
  if (wanted.length === 0) return outs;
  return wanted.map((path) => {
    const name = path.replace(/^\.\//, '').replace(/(\.dvc|\/)$/, '');
    const out = outs.find((one) => one.path === name);
    if (out === undefined)
      throw new UsageError(`The repository tracks no output "${path}"; it has ${outs.map((one) => one.path).join(', ')}.`);
    return out;
  });
}
