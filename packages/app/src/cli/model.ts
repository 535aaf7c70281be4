import type { Command } from 'commander';
import type { ModelVersion } from '@pawl/client';
import { stepContext } from '../config/environment.ts';
import type { Context } from './context.ts';
import { formatBytes, formatTime, plural, shortDigest } from './format.ts';
import { addModelChangeCommands } from './model-change.ts';
import { addModelCompareCommand } from './model-compare.ts';
import { addModelDownloadCommand } from './model-download.ts';
import { addStageCommands } from './model-stage.ts';
import { toModelRef, VERSION_FORMS } from './model-ref.ts';
import { addPageOptions, addPair, pageOf } from './options.ts';
import type { PageOptions } from './options.ts';
import { toFields, toTable } from './table.ts';
import type { Column } from './table.ts';
import type { Style } from './text.ts';

interface RegisterOptions {
  readonly run?: string;
  readonly task?: string;
  readonly input?: Readonly<Record<string, string>>;
  readonly evaluation?: string;
  readonly key?: string;
  readonly description?: string;
}

export function addModelCommands(model: Command, context: Context): void {
  addPageOptions(model.command('list').description('List models')).action(async (options: PageOptions) => {
    const page = await (await context.client()).model.list(pageOf(options));
    context.table(
      page,
      [
        { title: 'NAME', value: (one) => one.name },
        { title: 'CREATED', value: (one) => formatTime(one.created_at) },
      ],
      'No model yet; register one with "pawl model register NAME FOLDER".',
    );
  });

  addPageOptions(
    model
      .command('show')
      .description('Show a model with its versions, or one version')
      .argument('<model>', `NAME for all of it, or a version: ${VERSION_FORMS}`),
  ).action(async (text: string, options: PageOptions) => {
    const client = await context.client();
    const { name, version } = toModelRef(text);
    if (version !== undefined) {
      const one = await client.model.version({ model: name, version });
      return context.answer(one, () => toVersionText(one));
    }
    const one = await client.model.get({ model: name });
    const page = await client.model.versions({ model: name, ...pageOf(options) });
    const aliasesOf = (number: number): string =>
      one.aliases
        .filter((alias) => alias.version === number)
        .map(({ alias }) => alias)
        .join(', ');
    const forced = page.items.some((row) => row.forced !== null) ? [FORCED] : [];
    context.answer({ ...one, versions: page.items }, () =>
      toTable(page.items, [...VERSIONS, { title: 'ALIASES', value: (row) => aliasesOf(row.version) }, ...forced], context.look),
    );
  });

  model
    .command('register')
    .description(
      'Register a model as a new version: a folder with an MLmodel file, or one file of ONNX, XGBoost or LightGBM; the same key gives the same version',
    )
    .argument('<name>')
    .argument('<path>')
    .option('--run <id>', 'run that made it (default in a pipeline step: its run)')
    .option('--task <id>', 'task that made it (default in a pipeline step: its task)')
    .option('--input <role=ref>', 'data it was trained on; repeat for more', addPair)
    .option('--evaluation <ref>', 'frozen data it is to be judged on')
    .option('--key <text>', 'registering again under it gives the same version (default in a pipeline step: its task)')
    .option('--description <text>', 'what it is')
    .action(async (name: string, path: string, { run, task, input = {}, evaluation, key, description }: RegisterOptions) => {
      const client = await context.client();
      const { uploadFiles } = await import('./dataset/take.ts');
      const { withPackage } = await import('./model-file.ts');
      const { manifest, sent } = await withPackage(path, (folder) => uploadFiles(context, client, folder));
      const step = run === undefined || run === stepContext()?.run ? stepContext() : undefined;
      const answer = await client.model.register(
        {
          model: name,
          manifest,
          run: run ?? step?.run,
          task: task ?? step?.task,
          inputs: Object.entries(input).map(([role, ref]) => ({ role, ref })),
          evaluation,
          key: key ?? step?.task,
          description,
        },
        { signal: context.signal },
      );
      const { version } = answer;
      context.answer(
        answer,
        () =>
          `${version.model}:${version.version} ${answer.created ? 'registered' : 'was registered already under this key'} (${plural(manifest.entries.length, 'file')}, sent ${formatBytes(sent.bytes)})`,
      );
    });

  addStageCommands(model, context);
  addModelChangeCommands(model, context);
  addModelCompareCommand(model, context);
  addModelDownloadCommand(model, context);
}

const VERSIONS: readonly Column<ModelVersion>[] = [
  { title: 'VERSION', value: (one) => one.version, align: 'right' },
  { title: 'STAGE', value: (one) => one.stage, style: (one) => stageStyle(one.stage) },
  { title: 'CREATED', value: (one) => formatTime(one.created_at) },
  { title: 'BY', value: (one) => one.created_by },
  { title: 'RUN', value: (one) => one.run },
  { title: 'DATA', value: (one) => one.inputs.map(({ ref }) => ref).join(', ') },
];

/** Shown where any version was. */
const FORCED: Column<ModelVersion> = {
  title: 'FORCED',
  value: ({ forced }) => (forced === null ? null : toForcedText(forced)),
  style: () => 'warn',
};

/** Who overruled the gate, when and why. */
function toForcedText({ actor, at, reason, verdict }: NonNullable<ModelVersion['forced']>): string {
  return `${formatTime(at)} by ${actor}: ${reason} (the gate said ${verdict})`;
}

function stageStyle(stage: string): Style | undefined {
  return stage === 'Production' ? 'good' : stage === 'Staging' ? 'warn' : 'dim';
}

function toVersionText(one: ModelVersion): string {
  return toFields([
    ['Version', `${one.model}:${one.version}`],
    ['Stage', one.stage],
    ['Forced into Production', one.forced === null ? null : toForcedText(one.forced)],
    ['Description', one.description],
    ['Created', `${formatTime(one.created_at)} by ${one.created_by}`],
    [
      'Tags',
      Object.entries(one.tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(', '),
    ],
    ['Source', one.source],
    ['Run', one.run],
    ['Task', one.task],
    ['Trained on', one.inputs.map(({ role, ref }) => `${ref} (${role})`).join(', ')],
    ['Judged on', one.evaluation],
    ['Package', one.package === null ? 'not stored here' : shortDigest(one.package)],
    ['Key', one.key],
  ]);
}
