import { compareKeys, graphOf } from '@pawl/core';
import type { Blobs, CacheKeyParts, Database, Digest, PipelineRun, Task } from '@pawl/core';

export interface StepExplanation {
  readonly step: string;
  readonly state: Task['state'];
  /** One sentence. */
  readonly reason: string;
  /** What differs from the last earlier task of this step, as phrases such as `input "mail"`. */
  readonly changes: readonly string[];
}

const RUNS_LOOKED_AT = 50;

/** Compares each task's key with that of the same step in the last earlier run that has one. */
export async function explainRun(
  ports: { readonly database: Database; readonly blobs: Blobs },
  run: PipelineRun,
  tasks: readonly Task[],
): Promise<readonly StepExplanation[]> {
  const { database, blobs } = ports;
  const page = await database.read.pipelines.runs({ pipeline: run.pipeline }, { limit: RUNS_LOOKED_AT });
  const earlier = page.items.filter((other) => other.id < run.id && other.createdAt <= run.createdAt);
  const before = new Map<string, { readonly run: string; readonly key: Digest }>();
  for (const other of earlier) {
    if (before.size === tasks.length) break;
    for (const { step, cacheKey } of await database.read.tasks.byRun(other.id)) {
      if (cacheKey !== null && !before.has(step)) before.set(step, { run: other.id, key: cacheKey });
    }
  }
  const explanations: StepExplanation[] = [];
  for (const task of tasks) {
    const last = before.get(task.step);
    const parts = await readParts(blobs, task.cacheKey);
    const lastParts = await readParts(blobs, last?.key ?? null);
    const changes = parts === undefined || lastParts === undefined ? [] : compareKeys(lastParts, parts);
    explanations.push({ step: task.step, state: task.state, reason: toReason(run, task, tasks, last?.run, changes), changes });
  }
  return explanations;
}

/** The text that a key is the digest of is kept as a blob under the key itself. */
async function readParts(blobs: Blobs, key: Digest | null): Promise<CacheKeyParts | undefined> {
  if (key === null || !(await blobs.has(key))) return undefined;
  return JSON.parse(new TextDecoder().decode(await blobs.read(key))) as CacheKeyParts;
}

function toReason(run: PipelineRun, task: Task, tasks: readonly Task[], lastRun: string | undefined, changes: readonly string[]): string {
  const step = graphOf(run.spec).step(task.step);
  const upstreams = (states: readonly Task['state'][], wanted: boolean): string =>
    graphOf(run.spec)
      .upstreams(task.step)
      .filter((name) => tasks.some((other) => other.step === name && states.includes(other.state) === wanted))
      .join(', ');
  switch (task.state) {
    case 'cached':
      return task.startedAt === null && run.options.rerunOf !== undefined
        ? `Its result was kept from run ${run.options.rerunOf}.`
        : 'Nothing that decides its result has changed; the outputs were taken from the cache.';
    case 'skipped':
      return upstreams(['skipped'], true) === ''
        ? `Its condition was false: ${step?.if ?? ''}`
        : `What it waits for was skipped: ${upstreams(['skipped'], true)}.`;
    case 'paused':
      return `A person has to answer: ${step?.approve ?? ''}`;
    case 'canceling':
      return 'Its command is being stopped.';
    case 'waiting': {
      if (run.state === 'paused' && task.openUpstreams === 0) return 'The run is paused.';
      return `It waits for ${upstreams(['succeeded', 'cached'], false)}.`;
    }
    case 'blocked':
      return `It was not started: ${upstreams(['failed', 'blocked', 'canceled'], true)} did not succeed.`;
    case 'canceled':
      return 'The run was canceled before it ended.';
    case 'ready': {
      const again = task.error === null ? '' : ` Its last attempt failed (${task.error}); it will be tried again.`;
      const pool = task.pool === null ? '' : `, and the pool "${task.pool.name}" has a free slot (it has ${task.pool.slots})`;
      return again === '' ? `It may start as soon as a worker is free${pool}.` : again.trim();
    }
    case 'running':
    case 'succeeded':
    case 'failed': {
      const failure = task.state === 'failed' && task.error !== null ? ` It failed: ${task.error}` : '';
      if (task.elements !== null) return `It has ${task.elements.total} elements, ${task.elements.open} of them not ended.${failure}`;
      if (step?.approve !== undefined) return task.state === 'succeeded' ? `${task.worker ?? 'Somebody'} approved it.` : failure.trim();
      if (step?.always === true) return `It runs however the others end (always).${failure}`;
      if (step?.cache === false) return `It always runs (cache: false).${failure}`;
      if (task.cacheKey === null) return task.state === 'failed' ? `It failed: ${task.error ?? 'for no known reason'}` : 'It runs.';
      if (run.options.noCache === true || run.options.from === task.step) return `The cache was not asked.${failure}`;
      if (lastRun === undefined) return `It never ran before.${failure}`;
      if (changes.length > 0) return `Changed since run ${lastRun}: ${changes.join(', ')}.${failure}`;
      return `No result with this key was there to take (last looked at in run ${lastRun}).${failure}`;
    }
    default:
      return task.state satisfies never;
  }
}
