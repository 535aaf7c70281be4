import { graphOf, hasResult, outputsRead, paramsScope } from '@pawl/core';
import type { Hash, JsonValue, PipelineRun, Scope, Task, TaskReader } from '@pawl/core';
import { toTaskId } from './task-id.ts';

const PAGE = 1000;

/** What the expressions of a step can name in a run: the values that `texts` read are looked up now. */
export async function readScope(
  { tasks, hash }: { readonly tasks: TaskReader; readonly hash: Hash },
  run: PipelineRun,
  texts: readonly string[],
): Promise<Scope> {
  const values = new Map<string, JsonValue | undefined>();
  for (const { step, output } of texts.flatMap(outputsRead)) {
    const key = JSON.stringify([step, output]);
    if (values.has(key)) continue;
    const task = graphOf(run.spec).step(step) === undefined ? undefined : await tasks.get(toTaskId(hash, run.id, step));
    values.set(key, task === undefined ? undefined : await readValue(tasks, task, output));
  }
  return { param: paramsScope(run.spec, run.params), output: (step, output) => values.get(JSON.stringify([step, output])) };
}

/** Of a fan-out a list with one value for each element, null for one that was skipped. */
async function readValue(tasks: TaskReader, task: Task, output: string): Promise<JsonValue | undefined> {
  if (task.elements === null) return hasResult(task.state) ? task.outputs[output]?.value : undefined;
  const values: JsonValue[] = [];
  for await (const element of elementsOf(tasks, task)) values.push(element.outputs[output]?.value ?? null);
  return values;
}

/** All elements of a fan-out, in the order of their index. */
export async function* elementsOf(
  tasks: TaskReader,
  { run, step }: Pick<Task, 'run' | 'step'>,
  state?: Task['state'],
): AsyncGenerator<Task> {
  let after = -1;
  for (;;) {
    const page = await tasks.elements(run, step, { after, limit: PAGE, ...(state === undefined ? {} : { state }) });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.index ?? after;
  }
}
