import type { Command } from 'commander';
import { vocabulary } from '@pawl/core';
import type { Context } from './context.ts';
import { Failed } from './exit.ts';
import { plural } from './format.ts';
import { toTable } from './table.ts';

/** Commands about suites themselves: what there is to say, and whether it is said right. */
export function addSuiteCommands(check: Command, context: Context): void {
  check
    .command('show')
    .description('Show a suite')
    .argument('<suite>')
    .action(async (name: string) => {
      const suite = await (await context.client()).check.show({ suite: name });
      const { stringify } = await import('yaml');
      context.answer(suite, () => stringify(suite, { lineWidth: 0 }).trimEnd());
    });

  check
    .command('words')
    .description('List every expectation and its arguments')
    .argument('[part]', 'only those whose name holds this')
    .action((part: string = '') => {
      const items = vocabulary
        .filter((one) => one.type.includes(part))
        .map(({ type, kwargs, required, perRecord }) => ({ type, kwargs, required, per_record: perRecord }));
      context.table(
        { items },
        [
          { title: 'EXPECTATION', value: (one) => one.type },
          { title: 'RECORD', value: (one) => (one.per_record ? 'yes' : '') },
          { title: 'ARGUMENTS', value: (one) => one.kwargs.map((name) => (one.required.includes(name) ? name : `[${name}]`)).join(' ') },
        ],
        `No expectation is named like "${part}".`,
      );
    });

  check
    .command('schema')
    .description('Print the JSON Schema of files of suites, for editors; needs no server')
    .action(async () => {
      const { toProjectJsonSchema } = await import('../project/json-schema.ts');
      const schema = toProjectJsonSchema('checks');
      context.answer(schema, () => JSON.stringify(schema, null, 2));
    });

  check
    .command('validate')
    .description('Check files of suites without a server; exit code 1 when one is wrong')
    .argument('<file...>', "ours, or Great Expectations' JSON")
    .action(async (files: readonly string[]) => {
      const { loadSuite } = await import('../project/load.ts');
      const items: { readonly file: string; readonly expectations: number | null; readonly problem: string | null }[] = [];
      for (const file of files) {
        try {
          items.push({ file, expectations: (await loadSuite(file)).expectations.length, problem: null });
        } catch (error) {
          if (!(error instanceof Error) || !('code' in error) || (files.length === 1 && !context.json)) throw error;
          items.push({ file, expectations: null, problem: error.message });
        }
      }
      const wrong = items.filter((one) => one.problem !== null);
      context.answer({ items }, () =>
        toTable(
          items,
          [
            { title: 'FILE', value: (one) => one.file },
            {
              title: 'FOUND',
              value: (one) => one.problem ?? plural(one.expectations ?? 0, 'expectation'),
              style: (one) => (one.problem === null ? 'good' : 'bad'),
            },
          ],
          context.look,
        ),
      );
      if (wrong.length > 0) throw new Failed();
    });
}
