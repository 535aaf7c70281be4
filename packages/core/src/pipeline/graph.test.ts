import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ancestorsOf, descendantsOf, graphOf, orderSteps, upstreamsOf } from './graph.ts';
import type { PipelineSpec, PipelineStep } from './types.ts';

const step = (name: string, after: readonly string[]): PipelineStep => ({
  name,
  run: 'true',
  inputs: {},
  outputs: {},
  params: [],
  code: [],
  after,
  retries: 0,
  timeoutMs: 1,
  cache: true,
});
const pipeline = (steps: readonly PipelineStep[]): PipelineSpec => ({ name: 'p', experiment: 'e', params: {}, steps });

/** A graph without a circle: edges only from lower to higher numbers, the steps declared in any order. */
const acyclic = fc
  .array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map((edges) =>
    edges.map((to, index) =>
      step(
        `s${index}`,
        [...new Set(to.filter((other) => other < index))].map((other) => `s${other}`),
      ),
    ),
  )
  .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length, maxLength: steps.length }));

test('each step comes after its upstreams', () => {
  fc.assert(
    fc.property(acyclic, (steps) => {
      const ordered = orderSteps(pipeline(steps));
      assert.ok('order' in ordered);
      assert.equal(new Set(ordered.order).size, steps.length);
      for (const one of steps) {
        for (const upstream of upstreamsOf(one)) assert.ok(ordered.order.indexOf(upstream) < ordered.order.indexOf(one.name));
      }
    }),
  );
});

test('a circle is found, and is one', () => {
  fc.assert(
    fc.property(acyclic, fc.integer({ min: 1, max: 6 }), (steps, length) => {
      const ring = Array.from({ length }, (_, index) => step(`ring${index}`, [`ring${(index + 1) % length}`]));
      const all = [...steps, ...ring];
      const ordered = orderSteps(pipeline(all));
      assert.ok('circle' in ordered);
      const { circle } = ordered;
      assert.equal(circle[0], circle.at(-1));
      circle.slice(1).forEach((name, index) => assert.ok(all.find((one) => one.name === circle[index])?.after.includes(name)));
    }),
  );
});

test('a chain of 20,000 steps needs no deep stack', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `s${index}`);
  const steps = names.map((name, index) => step(name, index === 0 ? [] : [`s${index - 1}`]));
  assert.deepEqual(orderSteps(pipeline(steps)), { order: names });
  const backwards = orderSteps(pipeline(steps.slice(0, 2_000).toReversed()));
  assert.deepEqual(backwards, { order: names.slice(0, 2_000) });
});

test('ancestors and downstreams of a diamond', () => {
  const diamond = pipeline([step('a', []), step('b', ['a']), step('c', ['a']), step('d', ['b', 'c']), step('e', [])]);
  assert.deepEqual(
    ancestorsOf(diamond, 'd').map((one) => one.name),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(ancestorsOf(diamond, 'a'), []);
  assert.deepEqual(graphOf(diamond).downstreams('a'), ['b', 'c']);
  assert.deepEqual(
    descendantsOf(diamond, 'a').map((one) => one.name),
    ['b', 'c', 'd'],
  );
});

test('expressions make edges, and a step that always runs waits for all others', () => {
  const outputs = { out: { type: 'json', dataset: null, name: 'o.json' } } as const;
  const steps: readonly PipelineStep[] = [
    { ...step('a', []), outputs },
    { ...step('b', []), if: 'steps.a.out > 1' },
    { ...step('c', ['b']), foreach: { in: 'steps["a"]["out"]', parallelism: 0 } },
    { ...step('d', []), pool: { name: 'gpu-${steps.c.out[0]}', slots: 1 } },
    { ...step('last', []), always: true },
  ];
  const graph = graphOf(pipeline(steps));
  assert.deepEqual(
    steps.map(({ name }) => graph.upstreams(name)),
    [[], ['a'], ['a', 'b'], ['c'], ['a', 'b', 'c', 'd']],
  );
});
