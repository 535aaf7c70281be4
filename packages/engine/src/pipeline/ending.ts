import type { PipelineRun, TaskReader } from '@pawl/core';

/** How a run stands when a step begins that always runs: what went wrong, if anything did. */
export interface Ending {
  readonly state: 'succeeded' | 'failed' | 'canceled';
  /** The step that failed first, and what it said. */
  readonly step: string | null;
  readonly error: string | null;
}

export async function readEnding(tasks: TaskReader, run: PipelineRun): Promise<Ending> {
  const failed = (await tasks.byRun(run.id)).filter((task) => task.state === 'failed');
  const first = failed.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))[0];
  const error = run.options.error ?? first?.error ?? null;
  const isFailed = first !== undefined || run.options.error !== undefined;
  return {
    state: run.state === 'canceling' && run.options.error === undefined ? 'canceled' : isFailed ? 'failed' : 'succeeded',
    step: first?.step ?? null,
    error,
  };
}
