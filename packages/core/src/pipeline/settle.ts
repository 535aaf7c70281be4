import { fault, isFault } from '../fault/fault.ts';
import type { JsonValue } from '../ports/json.ts';
import { readsItem } from './expression/check.ts';
import { evaluate, interpolate } from './expression/evaluate.ts';
import type { Scope } from './expression/evaluate.ts';
import { fromParameterText } from './parameters.ts';
import { hasResult } from './transition.ts';
import type { TaskEvent } from './transition.ts';
import type { PipelineRunState, PipelineSpec, PipelineStep, StepPool, TaskState } from './types.ts';

/** Most elements of one fan-out: they are made in one transaction. */
export const MAX_ELEMENTS = 10_000;

/** What the end of an upstream in this state means for a step that waits for it. A step that always runs only counts. */
export function effectOf(step: PipelineStep, upstream: TaskState): TaskEvent {
  if (step.always === true || hasResult(upstream)) return { type: 'upstream_ended' };
  return { type: upstream === 'skipped' ? 'skip' : 'block' };
}

/** What becomes of a task that nothing holds back: an event of its own, or a fan-out with one item for each element. */
export type Opening =
  | { readonly type: 'event'; readonly event: TaskEvent }
  | { readonly type: 'expand'; readonly items: readonly JsonValue[] };

/** Decides by the step's condition, its list and its kind; an expression without a value fails the task, and says so. */
export function openTask(step: PipelineStep, isElement: boolean, scope: Scope): Opening {
  try {
    const perElement = step.foreach !== undefined && step.if !== undefined && readsItem(step.if);
    if (step.if !== undefined && perElement === isElement && !isTrue(step.if, scope)) return { type: 'event', event: { type: 'skip' } };
    if (step.foreach !== undefined && !isElement) return { type: 'expand', items: listOf(step.foreach.in, scope) };
    if (step.approve !== undefined) return { type: 'event', event: { type: 'ask' } };
    return { type: 'event', event: { type: 'ready', pool: poolOf(step, scope) } };
  } catch (error) {
    if (!isFault(error) || error.kind !== 'user') throw error;
    return { type: 'event', event: { type: 'refuse', error: error.message } };
  }
}

function poolOf({ pool }: PipelineStep, scope: Scope): StepPool | null {
  return pool === undefined ? null : { name: interpolate(pool.name, scope).slice(0, 256), slots: pool.slots };
}

function isTrue(text: string, scope: Scope): boolean {
  const found = evaluate(text, scope);
  if (typeof found === 'boolean') return found;
  throw fault('expression_failed', { expression: text, column: 1, problem: 'a condition is true or false, and this is neither' });
}

function listOf(list: readonly JsonValue[] | string, scope: Scope): readonly JsonValue[] {
  if (typeof list !== 'string') return list;
  const items = evaluate(list, scope);
  if (!Array.isArray(items)) throw fault('expression_failed', { expression: list, column: 1, problem: 'foreach needs a list' });
  if (items.length > MAX_ELEMENTS)
    throw fault('expression_failed', {
      expression: list,
      column: 1,
      problem: `it has ${items.length} elements, more than ${MAX_ELEMENTS}`,
    });
  return items;
}

/** The values of a run's parameters, as expressions see them. */
export function paramsScope(spec: PipelineSpec, params: Readonly<Record<string, string>>): Scope['param'] {
  return (name) => {
    const text = Object.hasOwn(params, name) ? params[name] : undefined;
    return text === undefined ? undefined : fromParameterText(spec.parameters?.[name], text);
  };
}

/** How a run ends by the states of its tasks, once none is open: failed when one failed or was blocked, whatever ran after it. */
export function toRunState(tally: Readonly<Partial<Record<TaskState, number>>>, canceling: boolean): PipelineRunState {
  if ((tally.failed ?? 0) + (tally.blocked ?? 0) > 0 && !canceling) return 'failed';
  return canceling || (tally.canceled ?? 0) > 0 ? 'canceled' : 'succeeded';
}
