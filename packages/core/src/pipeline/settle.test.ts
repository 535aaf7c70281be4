import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { upstreamsOf } from './graph.ts';
import { newTask } from './new-task.ts';
import { retryTasks, settleDownstream, toRunState } from './settle.ts';
import { hasResult, isFinal, nextTask } from './transition.ts';
import type { PipelineSpec, Task } from './types.ts';

/** A pipeline of `edges.length` steps: step i waits for those steps of edges[i] that come before it. */
const graph = fc.array(fc.array(fc.nat({ max: 12 }), { maxLength: 3 }), { minLength: 1, maxLength: 12 }).map((edges): PipelineSpec => ({
  name: 'p',
  experiment: 'e',
  params: {},
  steps: edges.map((to, index) => ({
    name: `s${index}`,
    run: 'true',
    inputs: {},
    outputs: {},
    params: [],
    code: [],
    retries: 0,
    timeoutMs: 1,
    cache: true,
    after: [...new Set(to.filter((other) => other < index))].map((other) => `s${other}`),
  })),
}));

function begin(spec: PipelineSpec): Map<string, Task> {
  return new Map(
    spec.steps.map((step) => {
      const openUpstreams = upstreamsOf(step).length;
      return [
        step.name,
        newTask({ id: step.name, run: 'r', step: step.name, state: openUpstreams === 0 ? 'ready' : 'waiting', openUpstreams }),
      ];
    }),
  );
}

/** Runs every ready task in some order, `fails` deciding how each ends. Returns the order in which they ran. */
function drive(
  spec: PipelineSpec,
  tasks: Map<string, Task>,
  pick: (count: number) => number,
  fails: (step: string) => boolean,
): readonly string[] {
  const ran: string[] = [];
  for (;;) {
    const ready = [...tasks.values()].filter((task) => task.state === 'ready');
    const chosen = ready[pick(ready.length)];
    if (chosen === undefined) return ran;
    const running = nextTask(chosen, { type: 'claim', worker: 'w', leaseUntil: 1 }, 0);
    assert.ok(running);
    const ended = nextTask(
      running,
      fails(chosen.step)
        ? { type: 'fail', fence: running.fence, error: 'e', cacheKey: null, retries: 0, retryAt: null }
        : { type: 'succeed', fence: running.fence, cacheKey: null, outputs: {} },
      0,
    );
    assert.ok(ended);
    ran.push(ended.step);
    tasks.set(ended.step, ended);
    for (const task of settleDownstream(spec, [...tasks.values()], ended, 0)) {
      assert.equal(task.revision, (tasks.get(task.step)?.revision ?? 0) + 1);
      tasks.set(task.step, task);
    }
  }
}

test('each step runs once, after its upstreams; behind a failure nothing runs; the run ends; a retry runs exactly what has no result', () => {
  fc.assert(
    fc.property(graph, fc.func(fc.nat()), fc.func(fc.boolean()), (spec, choice, broken) => {
      const tasks = begin(spec);
      const pick = (count: number): number => choice(count) % Math.max(1, count);
      const ran = drive(spec, tasks, pick, (step) => broken(step));
      assert.equal(new Set(ran).size, ran.length);
      const all = [...tasks.values()];
      assert.ok(all.every((task) => isFinal(task.state)));
      for (const step of spec.steps) {
        const task = tasks.get(step.name);
        const sound = upstreamsOf(step).every((name) => hasResult(tasks.get(name)?.state ?? 'failed'));
        assert.equal(task?.state, sound ? (broken(step.name) ? 'failed' : 'succeeded') : 'blocked');
      }
      assert.equal(toRunState(all), all.every((task) => task.state === 'succeeded') ? 'succeeded' : 'failed');
      const unfinished = all.filter((task) => !hasResult(task.state)).map((task) => task.step);
      for (const task of retryTasks(spec, all, 0)) tasks.set(task.step, task);
      assert.deepEqual(drive(spec, tasks, pick, () => false).toSorted(), unfinished.toSorted());
      assert.equal(toRunState([...tasks.values()]), 'succeeded');
    }),
  );
});
