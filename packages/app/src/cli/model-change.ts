import type { Command } from 'commander';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { addPair, toRefParts } from './options.ts';

interface ChangeOptions {
  readonly description?: string;
  readonly tag?: Readonly<Record<string, string>>;
  readonly untag?: readonly string[];
}

/** Commands that change what a registry keeps of models and versions, or take it away. */
export function addModelChangeCommands(model: Command, context: Context): void {
  model
    .command('change')
    .description('Describe or tag a model, or one version of it')
    .argument('<name[:version]>', 'version: number')
    .option('--description <text>', 'what it is')
    .option('--tag <key=value>', 'tag to set; repeat for more', addPair)
    .option('--untag <key...>', 'tags to take away')
    .action(async (text: string, { description, tag = {}, untag = [] }: ChangeOptions) => {
      const { name, version } = toRefParts(text);
      const tags = { ...tag, ...Object.fromEntries(untag.map((key) => [key, null])) };
      const client = await context.client();
      if (version === undefined) {
        const one = await client.model.change({ model: name, description, tags });
        return context.answer(one, () => `${one.name} is changed`);
      }
      const one = await client.model.changeVersion({ model: name, version: toNumber(version), description, tags });
      context.answer(one, () => `${one.model}:${one.version} is changed`);
    });

  model
    .command('rename')
    .description('Give a model another name; versions, tags and aliases follow')
    .argument('<name>')
    .argument('<new-name>')
    .action(async (name: string, newName: string) => {
      const one = await (await context.client()).model.rename({ model: name, name: newName });
      context.answer(one, () => `${name} is ${one.name} now`);
    });

  model
    .command('delete')
    .description('Delete a model with its versions, or one version; not what a gate or rollout governs, or an endpoint answers with')
    .argument('<name[:version]>', 'version: number')
    .action(async (text: string) => {
      const { name, version } = toRefParts(text);
      const client = await context.client();
      const answer =
        version === undefined
          ? await client.model.delete({ model: name })
          : await client.model.deleteVersion({ model: name, version: toNumber(version) });
      context.answer(answer, () => `${text} is deleted`);
    });

  model
    .command('unalias')
    .description('Take an alias away')
    .argument('<name>')
    .argument('<alias>')
    .action(async (name: string, alias: string) => {
      const answer = await (await context.client()).model.unalias({ model: name, alias });
      context.answer(answer, () => `${name}@${alias} is gone`);
    });
}

function toNumber(version: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(version)) throw new UsageError(`"${version}" is not a version's number: changing one needs its number.`);
  return Number(version);
}
