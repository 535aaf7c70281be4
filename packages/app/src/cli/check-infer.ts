import { basename } from 'node:path';
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CheckInfer } from '@pawl/client';
import { inferSuite } from '@pawl/core';
import type { Context } from './context.ts';
import { UsageError } from './exit.ts';
import { formatCount, plural } from './format.ts';
import { isLocalTable } from './local-table.ts';

interface InferOptions {
  readonly folder?: string;
  readonly name?: string;
  readonly dataset?: string;
  readonly output?: string;
}

export function addInferCommand(check: Command, context: Context): void {
  check
    .command('infer')
    .description('Propose a suite from what a version, or a file, holds; read it before you apply it')
    .argument('<data>', 'dataset[:version], the latest when no version is named; or a file, folder or pattern')
    .option('--name <suite>', "the suite's name (default: the dataset's)")
    .option('--dataset <name>', 'dataset that the suite is for, when the data is a file')
    .option('--folder <path>', 'the table, when the version holds several')
    .option('-o, --output <file>', 'write the suite there, as YAML')
    .action(async (data: string, options: InferOptions) => {
      const isLocal = await isLocalTable(data);
      const found = isLocal ? await inferLocally(data, options) : await inferOnServer(context, data, options);
      const text = await toYaml(found, isLocal ? undefined : `${context.server}/api/schemas/checks.json`);
      if (options.output === undefined) return context.answer(found, () => text.trimEnd());
      await writeFile(options.output, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
        const why =
          error.code === 'EEXIST' ? 'is there already; name another file' : `cannot be written (${error.code ?? 'no reason given'})`;
        throw new UsageError(`${options.output} ${why}.`);
      });
      context.answer(
        { ...found, output: options.output },
        () =>
          `${options.output}: ${plural(found.suite.expectations.length, 'expectation')} from ${found.ref}; read them, then "pawl apply"`,
      );
    });
}

async function inferOnServer(context: Context, dataset: string, { name, folder }: InferOptions): Promise<CheckInfer> {
  return (await context.client()).check.infer({ dataset, name, folder }, { signal: context.signal });
}

async function inferLocally(place: string, options: InferOptions): Promise<CheckInfer> {
  const { profileLocally } = await import('./profile-local.ts');
  const profile = await profileLocally(place);
  const plain = basename(place)
    .replace(/\..*$/, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  const dataset = options.dataset ?? (plain === '' ? 'data' : plain);
  return { ref: place, rows: profile.rows, suite: inferSuite(options.name ?? dataset, dataset, profile) };
}

/** @param schema where editors find what may stand in it */
async function toYaml({ ref, rows, suite }: CheckInfer, schema: string | undefined): Promise<string> {
  const { Document, isMap, visit } = await import('yaml');
  const document = new Document(suite, { aliasDuplicateObjects: false });
  // One line an expectation's arguments, as people write them.
  visit(document, {
    Pair: (_, pair) => {
      if ((pair.key as { value?: unknown } | null)?.value === 'kwargs' && isMap(pair.value)) pair.value.flow = true;
    },
  });
  const editors = schema === undefined ? '' : ` yaml-language-server: $schema=${schema}\n`;
  document.commentBefore = `${editors} Inferred from ${ref} (${formatCount(rows)} rows). Read every line: it says what was, not what must be.`;
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
