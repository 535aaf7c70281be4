import { setTimeout as pause } from 'node:timers/promises';
import type { Client, PipelineRun } from '@pawl/client';
import type { Context, Look } from './context.ts';
import { Failed } from './exit.ts';
import { formatSpan, formatTime } from './format.ts';
import { createProgress } from './progress.ts';
import { toFields, toTable } from './table.ts';
import { paint } from './text.ts';
import { verdictStyle } from './verdict.ts';

const POLL_MS = 400;
const UNDER_WAY: ReadonlySet<string> = new Set(['running', 'paused', 'canceling']);
const DONE: ReadonlySet<string> = new Set(['succeeded', 'cached', 'skipped']);

/** Waits until a run has ended, saying on a terminal what it does; prints it. Throws `Failed` when it did not succeed. */
export async function waitForRun(context: Context, client: Client, id: string): Promise<void> {
  const { signal } = context;
  const progress = createProgress('Run', 0);
  let answer: PipelineRun;
  try {
    for (;;) {
      answer = await client.pipeline.run({ run: id }, { signal });
      if (!UNDER_WAY.has(answer.run.state)) break;
      progress.say(toStates(answer));
      await pause(POLL_MS, undefined, { signal });
    }
  } finally {
    progress.end();
  }
  const ended = answer;
  context.answer(ended, () => toRunText(ended, context.look, Date.now()));
  if (ended.run.state !== 'succeeded') throw new Failed();
}

function toStates({ run, tasks }: PipelineRun): string {
  const done = tasks.filter(({ state }) => DONE.has(state)).length;
  const running = tasks.filter(({ state }) => state === 'running').map(({ step, elements }) => `${step}${toCount(elements)}`);
  const asking = tasks.filter(({ state }) => state === 'paused').map(({ step }) => step);
  const now = running.length === 0 ? '' : `: ${running.join(', ')}`;
  const asks = asking.length === 0 ? '' : `; it waits for an answer: pawl pipeline approve ${run.id} ${asking.join(' or ')}`;
  const paused = run.state === 'running' ? '' : ` (${run.state})`;
  return `${run.pipeline}${paused}, ${formatSpan(run.created_at, null, Date.now())}, ${done} of ${tasks.length} steps done${now}${asks}`;
}

/** Of a fan-out, how many of its elements have ended. */
function toCount(elements: PipelineRun['tasks'][number]['elements']): string {
  return elements === null ? '' : ` ${elements.total - elements.open}/${elements.total}`;
}

export function toRunText({ run, tasks }: PipelineRun, look: Look, now: number): string {
  const fields = toFields([
    ['Run', run.id],
    ['Started', `${formatTime(run.created_at)} by ${run.cause.actor}${run.cause.note === '' ? '' : ` (${run.cause.note})`}`],
    ...(run.rerun_of === null ? [] : [['Repeats', `${run.rerun_of}${run.rerun_from === null ? '' : `, from ${run.rerun_from}`}`] as const]),
    ...(run.error === null ? [] : [['Error', run.error] as const]),
    ['Took', formatSpan(run.created_at, run.ended_at, now)],
    [
      'Parameters',
      Object.entries(run.params)
        .map(([name, value]) => `${name}=${value}`)
        .join(' '),
    ],
    [
      'Data',
      Object.entries(run.datasets)
        .map(([name, version]) => `${name}:${version}`)
        .join(', '),
    ],
  ]);
  const table = toTable(
    tasks,
    [
      { title: 'STEP', value: (task) => task.step },
      ...(tasks.some(({ elements }) => elements !== null)
        ? [{ title: 'ELEMENTS', value: (task: PipelineRun['tasks'][number]) => toCount(task.elements).trim(), align: 'right' as const }]
        : []),
      { title: 'STATE', value: (task) => task.state, style: (task) => verdictStyle(task.state) },
      {
        title: 'TOOK',
        value: (task) => (task.started_at === null ? null : formatSpan(task.started_at, task.ended_at, now)),
        align: 'right',
      },
      { title: 'ATTEMPT', value: (task) => task.attempt, align: 'right' },
      {
        title: 'DATA MADE',
        value: (task) =>
          Object.values(task.outputs)
            .flatMap(({ dataset }) => dataset ?? [])
            .join(', '),
      },
      { title: 'ERROR', value: (task) => task.error },
    ],
    look,
  );
  return `Pipeline ${run.pipeline}: ${paint(run.state, verdictStyle(run.state), look.color)}\n${fields}\n\n${table}`;
}
