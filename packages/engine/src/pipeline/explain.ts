import { compareKeys, upstreamsOf } from '@pawl/core';
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
  const step = run.spec.steps.find((one) => one.name === task.step);
  switch (task.state) {
    case 'cached':
      return 'Nothing that decides its result has changed; the outputs were taken from the cache.';
    case 'waiting':
      return `It waits for ${(step === undefined ? [] : upstreamsOf(step)).filter((name) => tasks.some((other) => other.step === name && !['succeeded', 'cached'].includes(other.state))).join(', ')}.`;
    case 'blocked':
      return `It was not started: ${(step === undefined ? [] : upstreamsOf(step)).filter((name) => tasks.some((other) => other.step === name && ['failed', 'blocked', 'canceled'].includes(other.state))).join(', ')} did not succeed.`;
    case 'skipped':
      return 'Its condition was false, or what it waited for was skipped.';
    case 'paused':
      return 'A person has to decide.';
    case 'canceling':
      return 'It is being stopped.';
    case 'canceled':
      return 'The run was canceled before it ended.';
    case 'ready':
      return task.error === null
        ? 'It may start as soon as a worker is free.'
        : `Its last attempt failed (${task.error}); it will be tried again.`;
    case 'running':
    case 'succeeded':
    case 'failed': {
      const failure = task.state === 'failed' && task.error !== null ? ` It failed: ${task.error}` : '';
      if (step?.cache === false) return `It always runs (cache: false).${failure}`;
      if (task.cacheKey === null) return task.state === 'failed' ? `It failed: ${task.error ?? 'for no known reason'}` : 'It runs.';
      if (lastRun === undefined) return `It never ran before.${failure}`;
      if (changes.length > 0) return `Changed since run ${lastRun}: ${changes.join(', ')}.${failure}`;
      return `No result with this key was there to take (last looked at in run ${lastRun}).${failure}`;
    }
    default:
      return task.state satisfies never;
  }
}
