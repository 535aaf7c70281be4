import type { Command } from 'commander';
import type { Context } from './context.ts';
import { toModelRef, toVersionNumber, toVersionRef, VERSION_FORMS } from './model-ref.ts';
import { addPair } from './options.ts';

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
    .argument('<model>', `NAME for all of it, or a version: ${VERSION_FORMS}`)
    .option('--description <text>', 'what it is')
    .option('--tag <key=value>', 'tag to set; repeat for more', addPair)
    .option('--untag <key...>', 'tags to take away')
    .action(async (text: string, { description, tag = {}, untag = [] }: ChangeOptions) => {
      const { name, version } = toModelRef(text);
      const tags = { ...tag, ...Object.fromEntries(untag.map((key) => [key, null])) };
      const client = await context.client();
      if (version === undefined) {
        const one = await client.model.change({ model: name, description, tags });
        return context.answer(one, () => `${one.name} is changed`);
      }
      const one = await client.model.changeVersion({
        model: name,
        version: await toVersionNumber(client, { name, version }),
        description,
        tags,
      });
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
    .argument('<model>', `NAME for all of it, or a version: ${VERSION_FORMS}`)
    .action(async (text: string) => {
      const { name, version } = toModelRef(text);
      const client = await context.client();
      const answer =
        version === undefined
          ? await client.model.delete({ model: name })
          : await client.model.deleteVersion({ model: name, version: await toVersionNumber(client, { name, version }) });
      context.answer(answer, () => `${text} is deleted`);
    });

  model
    .command('unalias')
    .description('Take an alias away')
    .argument('<name>', 'NAME ALIAS, or NAME@ALIAS')
    .argument('[alias]')
    .action(async (text: string, second: string | undefined) => {
      const { name, version: alias } = toVersionRef(second === undefined ? text : `${text}@${second}`);
      const answer = await (await context.client()).model.unalias({ model: name, alias });
      context.answer(answer, () => `${name}@${alias} is gone`);
    });
}
