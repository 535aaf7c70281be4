import type { Command } from 'commander';
import type { RecordingGet } from '@pawl/client';
import type { Context } from './context.ts';
import {
  formatBytes,
  formatCount,
  formatCost,
  formatDuration,
  formatNumber,
  formatSpan,
  formatTime,
  plural,
  shortDigest,
} from './format.ts';
import { toFields, toTable } from './table.ts';
import type { Column } from './table.ts';

type Usage = RecordingGet['usage'][number];
type Task = NonNullable<RecordingGet['pipeline']>['tasks'][number];

/** Metrics that a sampler wrote: they are told by the sums of what was used. */
const SYSTEM = 'system/';

/** Files and models shown of a run; one with more is exported or looked into by its protocol. */
const FILES = 50;
const MODELS = 100;

/** `pawl run show`: a run and how it came about, on one page. */
export function addRunShow(run: Command, context: Context): void {
  run
    .command('show')
    .description('Show a run: command, code, parameters, metrics, data, use of the machine, cost')
    .argument('<run>', 'id')
    .action(async (id: string) => {
      const client = await context.client();
      const answer = await client.run.get({ run: id });
      const record = await client.recording.get({ run: id });
      const { run: one, metrics } = answer;
      const files = await client.run.artifacts({ run: id, limit: FILES + 1 });
      const { items: models } = await client.run.loggedModels({ run: id, limit: MODELS });
      const experiment = context.json ? undefined : await client.experiment.get({ experiment: String(one.experiment) });
      const own = metrics.filter(({ key }) => !key.startsWith(SYSTEM));
      context.answer({ ...answer, record, files: files.items, logged_models: models }, () =>
        [
          toFields([
            ['Run', one.id],
            ['Name', one.name],
            ['Experiment', `${experiment?.name} (${one.experiment})`],
            ['Status', toStatus(one.status, record.recording)],
            ['Started', `${formatTime(one.started_at)}${one.user === '' ? '' : ` by ${one.user}`}`],
            ['Took', formatSpan(one.started_at, one.ended_at, Date.now())],
            ...toCommandFields(record),
            ['Commit', one.code === null ? null : `${one.code.commit}${one.code.branch === null ? '' : ` (${one.code.branch})`}`],
            ['Patch', one.code === null ? null : (one.code.patch ?? 'none: the tree was clean')],
            ['Cost', record.cost === null ? null : formatCost(record.cost)],
            ['Log', toLogLine(id, record)],
          ]),
          section('Parameters', Object.entries(one.params)),
          section(
            'Metrics',
            own.map(({ key, value, step }) => [key, `${formatNumber(Number(value))}${step === 0 ? '' : ` at step ${step}`}`]),
          ),
          table(record.data, [
            { title: 'Data', value: ({ role }) => role },
            { title: 'VERSION', value: ({ ref }) => ref },
            { title: 'DIGEST', value: ({ manifest }) => shortDigest(manifest) },
            { title: 'ROWS', value: ({ rows }) => (rows === null ? null : formatCount(rows)), align: 'right' },
            { title: 'SIZE', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
            { title: 'STATUS', value: ({ status }) => status },
          ]),
          table(toUse(record), [
            { title: record.pipeline === null ? 'Use' : 'Steps', value: ({ task, usage }) => task?.step ?? (usage?.source || 'command') },
            ...(record.pipeline === null ? [] : [{ title: 'STATE', value: ({ task }: Use) => task?.state }]),
            ...(record.pipeline === null
              ? []
              : [{ title: 'ATTEMPT', value: ({ usage, task }: Use) => usage?.attempt ?? task?.attempt, align: 'right' as const }]),
            { title: 'TOOK', value: ({ usage }) => usage && formatDuration(usage.wall_ms), align: 'right' },
            { title: 'CPU', value: ({ usage }) => duration(usage?.cpu_ms), align: 'right' },
            { title: 'PEAK MEMORY', value: ({ usage }) => bytes(usage?.peak_memory_bytes), align: 'right' },
            { title: 'READ', value: ({ usage }) => bytes(usage?.read_bytes), align: 'right' },
            { title: 'WRITTEN', value: ({ usage }) => bytes(usage?.write_bytes), align: 'right' },
            ...(record.usage.some(({ gpu_ms }) => gpu_ms > 0)
              ? [{ title: 'GPU', value: ({ usage }: Use) => duration(usage?.gpu_ms), align: 'right' as const }]
              : []),
            { title: 'COST', value: ({ usage }) => (usage?.cost ? formatCost(usage.cost) : null), align: 'right' },
            ...(record.pipeline === null ? [] : [{ title: 'TASK', value: ({ task }: Use) => task?.id }]),
          ]),
          table(models, [
            { title: 'Models', value: (model) => model.id },
            { title: 'NAME', value: (model) => model.name },
            { title: 'TYPE', value: (model) => model.type },
            { title: 'STATUS', value: (model) => model.status },
          ]),
          table(files.items.slice(0, FILES), [
            { title: 'Files', value: ({ path }) => path },
            { title: 'SIZE', value: ({ size }) => formatBytes(size), align: 'right' },
          ]),
          files.items.length > FILES ? `and more: pawl run export ${id} FILE has all of them` : '',
          section('Environment', Object.entries(one.environment)),
          section('Tags', Object.entries(one.tags)),
        ]
          .filter((text) => text !== '')
          .join('\n'),
      );
    });

  function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
    return rows.length === 0 ? '' : `\n${toTable(rows, columns, context.look)}`;
  }

  function section(title: string, rows: readonly (readonly [string, string])[]): string {
    return table(rows, [
      { title, value: ([name]) => name },
      { title: '', value: ([, value]) => value },
    ]);
  }
}

interface Use {
  readonly task: Task | undefined;
  readonly usage: Usage | undefined;
}

/** The command itself, then the steps in the order of the pipeline, each with all its attempts. */
function toUse({ usage, pipeline }: RecordingGet): readonly Use[] {
  const tasks = pipeline?.tasks ?? [];
  const known = new Set(tasks.map(({ step }) => step));
  const others = usage.filter(({ source }) => !known.has(source)).map((one): Use => ({ task: undefined, usage: one }));
  const ofSteps = tasks.flatMap((task): Use[] => {
    const own = usage.filter(({ source }) => source === task.step);
    return own.length === 0 ? [{ task, usage: undefined }] : own.map((one) => ({ task, usage: one }));
  });
  return [...others, ...ofSteps];
}

function toStatus(status: string, recording: RecordingGet['recording']): string {
  if (recording === null) return status;
  const { state, exit_code: code, signal, heard_at: heard } = recording;
  if (state === 'lost') return `${status}: nothing was heard of its command after ${formatTime(heard)}`;
  if (signal !== null) return `${status} by ${signal}`;
  return code === null || code === 0 ? status : `${status}, exit code ${code}`;
}

function toCommandFields({ recording }: RecordingGet): readonly (readonly [string, string | null])[] {
  if (recording === null) return [];
  const { command, host, machine } = recording;
  return [
    ['Command', command],
    ['Host', `${host}${machine === null ? '' : ` (${machine})`}`],
  ];
}

function toLogLine(run: string, { recording, pipeline }: RecordingGet): string | null {
  const lines = recording?.lines ?? 0;
  if (pipeline === null && lines === 0) return null;
  return `${pipeline === null ? `${plural(lines, 'line')}: ` : ''}pawl run logs ${run}`;
}

const duration = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : formatDuration(ms));
const bytes = (count: number | null | undefined): string | null => (count === null || count === undefined ? null : formatBytes(count));
