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

/** Waits until a run has ended, saying on a terminal what it does; prints it. Throws `Failed` when it did not succeed. */
export async function waitForRun(context: Context, client: Client, id: string): Promise<void> {
  const { signal } = context;
  const progress = createProgress('Run', 0);
  let answer: PipelineRun;
  try {
    for (;;) {
      answer = await client.pipeline.run({ run: id }, { signal });
      if (answer.run.state !== 'running') break;
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
  const done = tasks.filter(({ state }) => state === 'succeeded' || state === 'cached').length;
  const running = tasks.filter(({ state }) => state === 'running').map(({ step }) => step);
  const now = running.length === 0 ? '' : `: ${running.join(', ')}`;
  return `${run.pipeline}, ${formatSpan(run.created_at, null, Date.now())}, ${done} of ${tasks.length} steps done${now}`;
}

export function toRunText({ run, tasks }: PipelineRun, look: Look, now: number): string {
  const fields = toFields([
    ['Run', run.id],
    ['Started', `${formatTime(run.created_at)} by ${run.cause.actor}${run.cause.note === '' ? '' : ` (${run.cause.note})`}`],
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
