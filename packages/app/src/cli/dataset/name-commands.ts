import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { UsageError } from '../exit.ts';
import { formatTime } from '../format.ts';
import { toVersion } from './view.ts';

/** Names of versions, and lines of versions. */
export function addNameCommands(data: Command, context: Context): void {
  data
    .command('tag')
    .description('List the tags of a dataset, or give a version a name')
    .argument('<name[:version]>', 'dataset, or the version to tag: the latest when none is named')
    .argument('[tag]')
    .option('-d, --delete', 'take the name away; the version stays')
    .option('-f, --force', 'take the name from the version that has it')
    .action(async (text: string, tag: string | undefined, options: { delete?: boolean; force?: boolean }) => {
      const client = await context.client();
      const { dataset, version } = toVersion(text);
      if (tag === undefined) {
        const page = await client.tag.list({ dataset, limit: 1000 });
        return context.table(
          page,
          [
            { title: 'TAG', value: (one) => one.name },
            { title: 'VERSION', value: (one) => one.version, align: 'right' },
            { title: 'CREATED', value: (one) => formatTime(one.created_at) },
            { title: 'BY', value: (one) => one.author },
          ],
          `No tag yet; give one with "pawl data tag ${dataset}:1 NAME".`,
        );
      }
      if (options.delete === true) {
        await client.tag.remove({ dataset, tag });
        return context.answer({}, () => `${dataset}:${tag} is no tag any more`);
      }
      const one = await client.tag.set({ dataset, tag, version, move: options.force === true });
      context.answer(one, () => `${dataset}:${one.name} is ${dataset}:${one.version}`);
    });

  data
    .command('branch')
    .description('List the branches of a dataset, or begin one; nothing is copied')
    .argument('<name[:version]>', 'dataset, or the version it begins at: the latest when none is named')
    .argument('[branch]')
    .option('-d, --delete', 'forget the name; the versions stay')
    .action(async (text: string, branch: string | undefined, options: { delete?: boolean }) => {
      const client = await context.client();
      const { dataset, version } = toVersion(text);
      if (branch === undefined) {
        const page = await client.branch.list({ dataset, limit: 1000 });
        return context.table(
          page,
          [
            { title: 'BRANCH', value: (one) => one.name },
            { title: 'HEAD', value: (one) => one.head, align: 'right' },
            { title: 'FROM', value: (one) => one.base, align: 'right' },
            { title: 'CREATED', value: (one) => formatTime(one.created_at) },
            { title: 'BY', value: (one) => one.author },
          ],
          'No branch.',
        );
      }
      if (options.delete === true) {
        await client.branch.remove({ dataset, branch });
        return context.answer({}, () => `${branch} is no branch of ${dataset} any more`);
      }
      const one = await client.branch.begin({ dataset, branch, from: version });
      context.answer(
        one,
        () =>
          `branch ${one.name} of ${dataset} begins at version ${one.base}; add to it with "pawl data add ${dataset} PATH --branch ${one.name}"`,
      );
    });

  data
    .command('merge')
    .description('Bring what changed on a branch into another, as a new version of that')
    .argument('<name>', 'dataset')
    .argument('<branch>', 'branch to merge')
    .option('--into <branch>', 'branch that gets it', 'main')
    .option('--prefer <side>', 'where both changed a file take ours (that of --into) or theirs (that of the branch)')
    .option('-m, --message <text>', 'what the new version is')
    .action(async (dataset: string, branch: string, { into, prefer, message }: { into: string; prefer?: string; message?: string }) => {
      if (prefer !== undefined && prefer !== 'ours' && prefer !== 'theirs') throw new UsageError('--prefer takes ours or theirs.');
      const client = await context.client();
      const answer = await client.branch.merge({ dataset, branch, into, prefer, message }, { signal: context.signal });
      context.answer(answer, () =>
        answer.created
          ? `${answer.version.ref}: ${branch} merged into ${into} (both come from version ${answer.base ?? 'none'})`
          : `${into} has all of ${branch} already; no new version`,
      );
    });
}
