import { descendantsOf, fault, hasResult } from '@pawl/core';
import type { Blobs, Database, Hash, PipelineRun, RunOptions, Task, Writers } from '@pawl/core';
import { readManifest } from '../dataset/manifest-blob.ts';
import type { Advance } from './advance.ts';
import { elementsOf } from './scope.ts';
import { toTaskId } from './task-id.ts';

/** What a new run takes from an earlier one: the steps whose results it begins with. */
export interface Rerun {
  readonly run: string;
  readonly steps: ReadonlySet<string>;
  readonly options: RunOptions;
}

/**
 * Plans a run that repeats another from a step on: everything that does not depend on the step keeps its result, provided that all of it is still stored.
 * Without a step nothing is kept, and the cache decides. Throws `step_unknown`, `result_gone`.
 */
export async function planRerun(
  { database, blobs }: { readonly database: Database; readonly blobs: Blobs },
  run: PipelineRun,
  from: string | undefined,
): Promise<Rerun> {
  if (from === undefined) return { run: run.id, steps: new Set(), options: { rerunOf: run.id } };
  const names = run.spec.steps.map((step) => step.name);
  if (!names.includes(from)) throw fault('step_unknown', { pipeline: run.pipeline, step: from, known: names });
  const anew = new Set([from, ...descendantsOf(run.spec, from).map((step) => step.name)]);
  const steps = new Set<string>();
  for (const task of await database.read.tasks.byRun(run.id)) {
    if (anew.has(task.step) || !hasResult(task.state)) continue;
    await requireStored(blobs, task);
    if (task.elements !== null) for await (const element of elementsOf(database.read.tasks, task)) await requireStored(blobs, element);
    steps.add(task.step);
  }
  return { run: run.id, steps, options: { rerunOf: run.id, from } };
}

async function requireStored(blobs: Blobs, task: Task): Promise<void> {
  for (const [output, { manifest }] of Object.entries(task.outputs)) {
    const isWhole =
      (await blobs.has(manifest)) &&
      (await Promise.all((await readManifest(blobs, manifest)).entries.map(({ digest }) => blobs.has(digest)))).every(Boolean);
    if (!isWhole) throw fault('result_gone', { run: task.run, step: task.step, output });
  }
}

/** Gives the tasks of a new run the results of the earlier one. */
export async function takeOver(
  tx: Writers,
  { hash }: { readonly hash: Hash },
  run: PipelineRun,
  rerun: Rerun,
  advance: Advance,
): Promise<void> {
  for (const step of rerun.steps) {
    const [earlier, own] = await Promise.all([tx.tasks.get(toTaskId(hash, rerun.run, step)), tx.tasks.get(toTaskId(hash, run.id, step))]);
    if (earlier === undefined || own === undefined) continue;
    const elements: Task[] = [];
    for await (const element of elementsOf(tx.tasks, earlier)) {
      const state = element.state === 'succeeded' ? 'cached' : element.state;
      elements.push({ ...element, id: toTaskId(hash, run.id, step, element.index), run: run.id, state, worker: null, revision: 0 });
    }
    await tx.tasks.insert(elements);
    await advance.move(own, { type: 'take', outputs: earlier.outputs, cacheKey: earlier.cacheKey, elements: earlier.elements });
  }
}
